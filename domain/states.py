"""The states of the United States in which a client may be, with their time zones.

Whether care can be given there is a matter of licences, not of this list. Zones are IANA names, the most
populous first; a client's own zone may be any of them.
"""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from domain import zones
from domain.errors import FieldError, Invalid


@dataclass(frozen=True, slots=True)
class State:
    """A state by its postal code."""

    code: str
    name: str
    zones: tuple[str, ...]

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which most of its people live."""
        return zones.zone(self.zones[0])


_EASTERN = "America/New_York"
_CENTRAL = "America/Chicago"
_MOUNTAIN = "America/Denver"
_PACIFIC = "America/Los_Angeles"

# fmt: off
_TABLE: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("AL", "Alabama", (_CENTRAL,)),
    ("AK", "Alaska", ("America/Anchorage", "America/Juneau", "America/Sitka", "America/Metlakatla",
                      "America/Yakutat", "America/Nome", "America/Adak")),
    ("AZ", "Arizona", ("America/Phoenix", _MOUNTAIN)),  # the Navajo Nation keeps daylight time
    ("AR", "Arkansas", (_CENTRAL,)),
    ("CA", "California", (_PACIFIC,)),
    ("CO", "Colorado", (_MOUNTAIN,)),
    ("CT", "Connecticut", (_EASTERN,)),
    ("DE", "Delaware", (_EASTERN,)),
    ("DC", "District of Columbia", (_EASTERN,)),
    ("FL", "Florida", (_EASTERN, _CENTRAL)),
    ("GA", "Georgia", (_EASTERN,)),
    ("HI", "Hawaii", ("Pacific/Honolulu",)),
    ("ID", "Idaho", ("America/Boise", _PACIFIC)),
    ("IL", "Illinois", (_CENTRAL,)),
    ("IN", "Indiana", ("America/Indiana/Indianapolis", _CENTRAL, "America/Indiana/Tell_City",
                       "America/Indiana/Knox", "America/Indiana/Vincennes", "America/Indiana/Petersburg",
                       "America/Indiana/Winamac", "America/Indiana/Vevay", "America/Indiana/Marengo")),
    ("IA", "Iowa", (_CENTRAL,)),
    ("KS", "Kansas", (_CENTRAL, _MOUNTAIN)),
    ("KY", "Kentucky", ("America/Kentucky/Louisville", _EASTERN, _CENTRAL, "America/Kentucky/Monticello")),
    ("LA", "Louisiana", (_CENTRAL,)),
    ("ME", "Maine", (_EASTERN,)),
    ("MD", "Maryland", (_EASTERN,)),
    ("MA", "Massachusetts", (_EASTERN,)),
    ("MI", "Michigan", ("America/Detroit", "America/Menominee")),
    ("MN", "Minnesota", (_CENTRAL,)),
    ("MS", "Mississippi", (_CENTRAL,)),
    ("MO", "Missouri", (_CENTRAL,)),
    ("MT", "Montana", (_MOUNTAIN,)),
    ("NE", "Nebraska", (_CENTRAL, _MOUNTAIN)),
    ("NV", "Nevada", (_PACIFIC, _MOUNTAIN)),
    ("NH", "New Hampshire", (_EASTERN,)),
    ("NJ", "New Jersey", (_EASTERN,)),
    ("NM", "New Mexico", (_MOUNTAIN,)),
    ("NY", "New York", (_EASTERN,)),
    ("NC", "North Carolina", (_EASTERN,)),
    ("ND", "North Dakota", (_CENTRAL, _MOUNTAIN, "America/North_Dakota/Center",
                            "America/North_Dakota/New_Salem", "America/North_Dakota/Beulah")),
    ("OH", "Ohio", (_EASTERN,)),
    ("OK", "Oklahoma", (_CENTRAL,)),
    ("OR", "Oregon", (_PACIFIC, "America/Boise")),
    ("PA", "Pennsylvania", (_EASTERN,)),
    ("RI", "Rhode Island", (_EASTERN,)),
    ("SC", "South Carolina", (_EASTERN,)),
    ("SD", "South Dakota", (_CENTRAL, _MOUNTAIN)),
    ("TN", "Tennessee", (_CENTRAL, _EASTERN)),
    ("TX", "Texas", (_CENTRAL, _MOUNTAIN)),
    ("UT", "Utah", (_MOUNTAIN,)),
    ("VT", "Vermont", (_EASTERN,)),
    ("VA", "Virginia", (_EASTERN,)),
    ("WA", "Washington", (_PACIFIC,)),
    ("WV", "West Virginia", (_EASTERN,)),
    ("WI", "Wisconsin", (_CENTRAL,)),
    ("WY", "Wyoming", (_MOUNTAIN,)),
)
# fmt: on

STATES: dict[str, State] = {code: State(code, name, zones) for code, name, zones in _TABLE}


def state(code: str, field: str = "state") -> State:
    """The state of a two-letter postal code in capitals. Raises Invalid naming `field`."""
    found = STATES.get(code)
    if found is None:
        raise Invalid(FieldError(field, "unknown_state"))
    return found
