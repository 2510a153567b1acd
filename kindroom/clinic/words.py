"""What people of the demo clinic write: everyday talk, nothing clinical, all of it invented."""

from typing import Final

EXCHANGES: Final = (
    (
        "Hello! I was not sure how to begin, so I just begin.",
        "That is a fine way to begin. I read everything you write here. What would you like me to know first?",
    ),
    (
        "The week was full, and still I went for the walk we talked about.",
        "You made room for it in a full week. What was the walk like?",
    ),
    (
        "I baked bread on Sunday. It came out flat, and my brother ate all of it anyway.",
        "A brother who eats flat bread is a good brother. How was it to make something with your hands?",
    ),
    (
        "I tried writing down three things in the evening. I forgot on two days.",
        "Five evenings out of seven is a lot. We can keep it that easy. What did you notice while writing?",
    ),
    (
        "Work was loud today. I took my lunch outside, and that helped a bit.",
        "Noticing what helps a bit is exactly the idea. Shall we plan one such break for each day this week?",
    ),
    (
        "I spoke with my sister for the first time in a month.",
        "That took a step from you. How do you feel about it now that a day has passed?",
    ),
    (
        "The plants on the balcony made it through the frost. I am oddly proud.",
        "Not odd at all: you looked after something through a cold spell. What kept you going with it?",
    ),
    (
        "I went to bed at the same time four nights in a row.",
        "Four nights is a real beginning. What made it easier on those nights?",
    ),
    (
        "I said no to an extra shift. It felt strange and good.",
        "Strange and good often come together the first time. What did you do with the free evening?",
    ),
    (
        "I found the notebook from last spring. Reading it was like meeting someone.",
        "What a meeting. Is there something that person would like to tell you today?",
    ),
)
"""A client's line and the therapist's answer."""

WELCOMES: Final = (
    "Welcome, I am glad you are here. This room is yours: write whenever it suits you, at any hour.",
    "Good to meet you. Write as it comes, there is no wrong way. I answer in my working hours, as shown above.",
    "Hello and welcome. Take your time with the first lines; I am looking forward to reading them.",
)

WAITING: Final = (
    "Something came up at work that I would like to think through with you.",
    "I have been going back and forth about the trip. Could we talk about it?",
    "Today was a better day. I want to keep hold of why.",
    "I did the exercise twice and got stuck on the second part.",
    "A small thing, and still it keeps me busy since yesterday.",
)

GOALS: Final = (
    ("A walk outside on most days", "Days with a walk in a week", "1 day", "5 days"),
    ("In bed by eleven on weekdays", "Weekday nights before eleven", "1 night", "4 nights"),
    ("Call one friend every week", "Calls in a month", "1 call", "4 calls"),
    ("Say no once a week when it is too much", "Times in a month", "0 times", "4 times"),
    ("Ten quiet minutes without the phone each day", "Quiet minutes a day", "0 minutes", "10 minutes"),
)
"""Statement, measure, baseline, target."""

CHECK_IN_WORDS: Final = (
    "Better than I expected.",
    "A mixed week, but I kept going.",
    "",
    "Tired, and still on track.",
    "I noticed the small things more.",
)

NOTE: Final = {
    "data": "Client wrote on several days about daily routines, work and family, and tried the steps agreed on.",
    "assessment": "Engaged and open; routines are becoming steadier. No concern about safety was raised.",
    "plan": "Keep the present steps, review them together at the end of next week.",
}

CLOSING: Final = (
    "I think I can go on by myself now. Thank you for the company.",
    "You did the work, and I enjoyed reading along. The door stays open, write to us whenever you like.",
)
