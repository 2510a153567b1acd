"""The layouts of the transaction sets read here, in the notation of `x12.loops`.

They follow the 5010 implementation guides named by version. Segments a clinic never meets are left out where
their absence cannot hide a fault; optional parts that payers are known to omit are optional here too.
"""

from x12.envelopes import Transaction
from x12.errors import fault
from x12.loops import LoopRule, layout

_271_PARTY = """\
- REF* N3 N4 AAA* PRV DMG INS HI DTP* MPI
2110 EB* HSD* REF* DTP* AAA* MSG*
  2115 III*
  2120 LS
    2120A NM1!* N3 N4 PER* PRV
    - LE!
"""

_837P_CLAIM = """\
2300 CLM* DTP* PWK* CN1 AMT* REF* K3* NTE* CR1 CR2 CRC* HI!* HCP
  2310A NM1[01=DN,P3]* REF*
  2310B NM1[01=82] PRV REF*
  2310C NM1[01=77] N3! N4! REF* PER
  2310D NM1[01=DQ] REF*
  2310E NM1[01=PW] N3! N4!
  2310F NM1[01=45] N3! N4!
  2320 SBR* CAS* AMT* OI MOA
    2330 NM1!* N3 N4 DTP* REF*
  2400 LX!* SV1! SV5 PWK* CR1 CR3 CRC* DTP!* QTY* MEA* CN1 REF* AMT* K3* NTE* PS1 HCP
    2410 LIN* CTP! REF*
    2420 NM1* PRV N3 N4 REF* PER*
    2430 SVD* CAS* DTP! AMT
    2440 LQ* FRM*
"""

# Stands below LX, or without it where a payer leaves LX out.
_835_CLAIM = """\
2100 CLP* CAS* NM1!* MIA MOA REF* DTM* PER* AMT* QTY*
  2110 SVC* DTM* CAS* REF* AMT* QTY* LQ*
"""

_FRAGMENTS = {"271-party": _271_PARTY, "837p-claim": _837P_CLAIM, "835-claim": _835_CLAIM}

_270 = """\
- BHT!
2000A HL[03=20]!*
  2100A NM1!
  2000B HL[03=21]!*
    2100B NM1! REF* N3 N4 PRV
    2000C HL[03=22]!* TRN*
      2100C NM1[01=IL]! REF* N3 N4 PRV DMG INS HI DTP*
        2110 EQ* AMT* III REF DTP
      2000D HL[03=23]* TRN*
        2100D NM1[01=03]! REF* N3 N4 PRV DMG INS HI DTP*
          2110 EQ!* AMT* III REF DTP
"""

_271 = """\
- BHT!
2000A HL[03=20]!* AAA*
  2100A NM1! PER* AAA*
  2000B HL[03=21]*
    2100B NM1! REF* N3 N4 AAA* PRV
    2000C HL[03=22]* TRN*
      2100C NM1[01=IL]!
        @271-party
      2000D HL[03=23]* TRN*
        2100D NM1[01=03]!
          @271-party
"""

_276 = """\
- BHT!
2000A HL[03=20]!*
  2100A NM1!
  2000B HL[03=21]!*
    2100B NM1!
    2000C HL[03=19]!*
      2100C NM1!*
      2000D HL[03=22]!* DMG
        2100D NM1[01=IL]!
        2200D TRN* REF* AMT* DTP*
          2210D SVC* REF* DTP*
        2000E HL[03=23]* DMG
          2100E NM1[01=QC]!
          2200E TRN!* REF* AMT* DTP*
            2210E SVC* REF* DTP*
"""

_277 = """\
- BHT!
2000A HL[03=20]!*
  2100A NM1! PER*
  2000B HL[03=21]*
    2100B NM1!
    2200B TRN STC!*
    2000C HL[03=19]*
      2100C NM1!*
      2200C TRN STC!*
      2000D HL[03=22]*
        2100D NM1[01=IL]!
        2200D TRN* STC!* REF* DTP*
          2220D SVC* STC!* REF* DTP*
        2000E HL[03=23]*
          2100E NM1[01=QC]!
          2200E TRN!* STC!* REF* DTP*
            2220E SVC* STC!* REF* DTP*
"""

_277CA = """\
- BHT!
2000A HL[03=20]!
  2100A NM1!
  2200A TRN! DTP!*
  2000B HL[03=21]!*
    2100B NM1!
    2200B TRN! STC!* QTY* AMT*
    2000C HL[03=19]*
      2100C NM1!
      2200C TRN STC* REF* QTY* AMT*
      2000D HL[03=PT]*
        2100D NM1!
        2200D TRN!* STC!* REF* DTP*
          2220D SVC* STC!* REF* DTP*
"""

_999 = """\
- AK1!
2000 AK2*
  2100 IK3* CTX*
    2110 IK4* CTX*
  - IK5!
- AK9!
"""

_837P = """\
- BHT!
1000A NM1[01=41]! PER!*
1000B NM1[01=40]!
2000A HL[03=20]!* PRV CUR
  2010AA NM1[01=85]! N3! N4! REF!* PER*
  2010AB NM1[01=87] N3! N4!
  2010AC NM1[01=PE] N3! N4! REF!*
  2000B HL[03=22]!* SBR! PAT
    2010BA NM1[01=IL]! N3 N4 DMG REF* PER
    2010BB NM1[01=PR]! N3 N4 REF*
    @837p-claim
    2000C HL[03=23]* PAT!
      2010CA NM1[01=QC]! N3! N4! DMG! REF* PER
      @837p-claim
"""

_835 = """\
- BPR! TRN! CUR REF* DTM*
1000A N1[01=PR]! N3 N4 REF* PER*
1000B N1[01=PE]! N3 N4 REF* RDM
2000 LX* TS3 TS2
  @835-claim
@835-claim
- PLB*
"""

_TEXTS = {
    "270": _270,
    "271": _271,
    "276": _276,
    "277": _277,
    "277CA": _277CA,
    "835": _835,
    "837P": _837P,
    "999": _999,
}
LAYOUTS = {kind: layout(kind, text, _FRAGMENTS) for kind, text in _TEXTS.items()}


def layout_of(transaction: Transaction) -> LoopRule:
    """The layout of a transaction set. Raises `X12Error` for a set that is not read here."""
    found = LAYOUTS.get(transaction.kind)
    if found is None:
        at = transaction.header.position
        raise fault("unknown_transaction_set", "ST", "ST01", "this transaction set is not read here", at)
    return found
