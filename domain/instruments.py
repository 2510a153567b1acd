"""The questionnaires put to clients: their words, answers and LOINC codes (scores: domain.screening).

Words ship only where that is allowed. PHQ-9, GAD-7 and short forms: no permission required to reproduce,
translate, display or distribute (phqscreeners.com). PCL-5: work of the United States government (VA National
Center for PTSD). Others are scored only; a site that holds their licence brings the words.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.errors import NotFound


@dataclass(frozen=True, slots=True)
class Option:
    """One answer that can be chosen."""

    value: int
    text: str
    loinc: str | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """One question; `n` counts from 1. `options` where it has answers of its own; `after`: it is put only after yes
    (1) to that question.
    """

    n: int
    text: str
    loinc: str | None = None
    options: tuple[Option, ...] = ()
    after: int | None = None


@dataclass(frozen=True, slots=True)
class Instrument:
    """A questionnaire as the client sees it. `loinc_panel` and `loinc_total` where they are verified."""

    name: str
    title: str
    stem: str
    items: tuple[Item, ...]
    options: tuple[Option, ...]
    licence: str
    loinc_panel: str | None = None
    loinc_total: str | None = None
    closing_question: Item | None = None  # asked, stored, never scored

    def takes_closing(self, answer: int | None) -> bool:
        """Whether this can be the answer to the closing question; None leaves it out."""
        options = self.closing_question.options if self.closing_question else ()
        return answer is None or answer in [option.value for option in options]

    def put(self, answers: Sequence[int | None]) -> frozenset[int]:
        """The numbers of the questions that are put to somebody who answered so."""
        return frozenset(i.n for i in self.items if i.after is None or answers[i.after - 1] == 1)

    def options_of(self, item: Item) -> tuple[Option, ...]:
        """The answers to one question."""
        return item.options or self.options


_PHQ_LICENCE = "No permission required to reproduce, translate, display or distribute (phqscreeners.com)."

_TWO_WEEKS = "Over the last 2 weeks, how often have you been bothered by any of the following problems?"

# "Not at all sure" for the zero of the GAD-7 is a known reproduction error.
_FREQUENCY = (
    Option(0, "Not at all", "LA6568-5"),
    Option(1, "Several days", "LA6569-3"),
    Option(2, "More than half the days", "LA6570-1"),
    Option(3, "Nearly every day", "LA6571-9"),
)

_DIFFICULTY = (
    Option(0, "Not difficult at all"),
    Option(1, "Somewhat difficult"),
    Option(2, "Very difficult"),
    Option(3, "Extremely difficult"),
)

_PHQ9_ITEMS = (
    Item(1, "Little interest or pleasure in doing things", "44250-9"),
    Item(2, "Feeling down, depressed, or hopeless", "44255-8"),
    Item(3, "Trouble falling or staying asleep, or sleeping too much", "44259-0"),
    Item(4, "Feeling tired or having little energy", "44254-1"),
    Item(5, "Poor appetite or overeating", "44251-7"),
    Item(
        6,
        "Feeling bad about yourself — or that you are a failure or have let yourself or your family down",
        "44258-2",
    ),
    Item(
        7,
        "Trouble concentrating on things, such as reading the newspaper or watching television",
        "44252-5",
    ),
    Item(
        8,
        "Moving or speaking so slowly that other people could have noticed? Or the opposite —"
        " being so fidgety or restless that you have been moving around a lot more than usual",
        "44253-3",
    ),
    Item(9, "Thoughts that you would be better off dead or of hurting yourself in some way", "44260-8"),
)

_GAD7_ITEMS = (
    Item(1, "Feeling nervous, anxious or on edge", "69725-0"),
    Item(2, "Not being able to stop or control worrying", "68509-9"),
    Item(3, "Worrying too much about different things", "69733-4"),
    Item(4, "Trouble relaxing", "69734-2"),
    Item(5, "Being so restless that it is hard to sit still", "69735-9"),
    Item(6, "Becoming easily annoyed or irritable", "69689-8"),
    Item(7, "Feeling afraid as if something awful might happen", "69736-7"),
)

_PCL5_ITEMS = (
    Item(1, "Repeated, disturbing, and unwanted memories of the stressful experience?"),
    Item(2, "Repeated, disturbing dreams of the stressful experience?"),
    Item(
        3,
        "Suddenly feeling or acting as if the stressful experience were actually happening "
        "again (as if you were actually back there reliving it)?",
    ),
    Item(4, "Feeling very upset when something reminded you of the stressful experience?"),
    Item(
        5,
        "Having strong physical reactions when something reminded you of the stressful "
        "experience (for example, heart pounding, trouble breathing, sweating)?",
    ),
    Item(6, "Avoiding memories, thoughts, or feelings related to the stressful experience?"),
    Item(
        7,
        "Avoiding external reminders of the stressful experience (for example, people, "
        "places, conversations, activities, objects, or situations)?",
    ),
    Item(8, "Trouble remembering important parts of the stressful experience?"),
    Item(
        9,
        "Having strong negative beliefs about yourself, other people, or the world (for "
        "example, having thoughts such as: I am bad, there is something seriously wrong with "
        "me, no one can be trusted, the world is completely dangerous)?",
    ),
    Item(
        10,
        "Blaming yourself or someone else for the stressful experience or what happened after it?",
    ),
    Item(11, "Having strong negative feelings such as fear, horror, anger, guilt, or shame?"),
    Item(12, "Loss of interest in activities that you used to enjoy?"),
    Item(13, "Feeling distant or cut off from other people?"),
    Item(
        14,
        "Trouble experiencing positive feelings (for example, being unable to feel happiness "
        "or have loving feelings for people close to you)?",
    ),
    Item(15, "Irritable behavior, angry outbursts, or acting aggressively?"),
    Item(16, "Taking too many risks or doing things that could cause you harm?"),
    Item(17, "Being “superalert” or watchful or on guard?"),
    Item(18, "Feeling jumpy or easily startled?"),
    Item(19, "Having difficulty concentrating?"),
    Item(20, "Trouble falling or staying asleep?"),
)

_INTENSITY = (
    Option(0, "Not at all"),
    Option(1, "A little bit"),
    Option(2, "Moderately"),
    Option(3, "Quite a bit"),
    Option(4, "Extremely"),
)

PHQ_9 = Instrument(
    name="PHQ-9",
    title="Mood over the last two weeks",
    stem=_TWO_WEEKS,
    items=_PHQ9_ITEMS,
    options=_FREQUENCY,
    licence=_PHQ_LICENCE,
    loinc_panel="44249-1",
    loinc_total="44261-6",
    closing_question=Item(
        10,
        "If you checked off any problems, how difficult have these problems made it for you to do your work, "
        "take care of things at home, or get along with other people?",
        "69722-7",
        options=_DIFFICULTY,
    ),
)
PHQ_2 = Instrument(
    name="PHQ-2",
    title="Mood, in two questions",
    stem=_TWO_WEEKS,
    items=_PHQ9_ITEMS[:2],
    options=_FREQUENCY,
    licence=_PHQ_LICENCE,
    loinc_panel="55757-9",
    loinc_total="55758-7",
)
GAD_7 = Instrument(
    name="GAD-7",
    title="Worry over the last two weeks",
    stem=_TWO_WEEKS,
    items=_GAD7_ITEMS,
    options=_FREQUENCY,
    licence=_PHQ_LICENCE,
    loinc_panel="69737-5",
    loinc_total="70274-6",
)
GAD_2 = Instrument(
    name="GAD-2",
    title="Worry, in two questions",
    stem=_TWO_WEEKS,
    items=_GAD7_ITEMS[:2],
    options=_FREQUENCY,
    licence=_PHQ_LICENCE,
)
PCL_5 = Instrument(
    name="PCL-5",
    title="After a stressful experience",
    stem="In the past month, how much were you bothered by:",
    items=_PCL5_ITEMS,
    options=_INTENSITY,
    licence="Work of the United States government (VA National Center for PTSD), not copyrighted.",
)

INSTRUMENTS: dict[str, Instrument] = {i.name: i for i in (PHQ_9, GAD_7, PHQ_2, GAD_2, PCL_5)}


def instrument(name: str) -> Instrument:
    """The questionnaire of this name, such as "PHQ-9". Raises NotFound when its words do not ship here."""
    found = INSTRUMENTS.get(name)
    if found is None:
        raise NotFound
    return found
