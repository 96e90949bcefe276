"""What readers say in a newsroom that is measured: sentences made once, and put together often."""

import random
from dataclasses import dataclass

from articles.scale import sentences
from comments import text

STOCK = 3000
SENTENCES = (
    "The {thing} at {place} was a good idea {when}, and it is a good idea now.",
    "I have lived by {place} for {number} years and have never seen {who} act so {how}.",
    "With respect to {who}, the {thing} is not what keeps people away from {place}.",
    "Has anybody asked {who} what they think of this?",
    "My mother worked at the {thing} and would have laughed at the figure in this story.",
    "It is easy to say that the {thing} should be mended {how}, but who is to do it?",
    "I was at the meeting and {name} said quite the opposite.",
    "That is *not* what {who} promised {when}.",
    "Thank you for this story, which is the first that explains the {thing} to me.",
    "You are both right: the {thing} is old, and {place} is where it belongs.",
    "If {who} had begun {when}, we would be sitting in the {thing} by now.",
    "There are {number} people in my street who would help with the {thing} for nothing.",
    "I agree with most of this but not with the part about {who}.",
    "What does the {thing} cost in a year, and is that with or without the repairs?",
    "From {place} you can see for yourself that the water was never that high.",
    "They did the same thing {when} in the next town, and it took {number} months.",
    "The children use the {thing} every day and nobody has asked them.",
    "I would rather have the {thing} *and* the footpath than a long talk about either.",
    "Let us see what {name} has to say about it at the next meeting.",
    "It was {how} done and they should be told so once in a while.",
    "To be fair to {who}, this was decided before they were there.",
    "The map in the library shows the {thing} on the other side of {place}.",
    "Yes.",
    "I had not thought of it that way, and it makes sense to me.",
)
# How many sentences a comment has, each as often as it stands here: some two hundred letters.
LENGTHS = (1, 1, 2, 2, 2, 3, 3, 3, 4, 5)


@dataclass(frozen=True)
class Said:
    """A comment's text as typed, as readers get it, and folded for comparing."""

    source: str
    html: str
    folded: str


class Voices:
    """Gives texts without end. What each sentence becomes is worked out once."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.stock = [_known(one) for one in sentences(SENTENCES, STOCK, chance)]

    def say(self) -> Said:
        """Return a text; as ``Comment.set_body`` would keep, render and fold it."""
        chance, stock = self.chance.random, self.stock
        length = LENGTHS[int(chance() * len(LENGTHS))]
        parts = [stock[int(chance() * STOCK)] for _ in range(length)]
        folded = " ".join([part.folded for part in parts])
        if length < 4:
            source = " ".join([part.source for part in parts])
            return Said(source, f"<p>{' '.join([part.html for part in parts])}</p>", folded)
        first = " ".join([part.source for part in parts[:2]])
        rest = " ".join([part.source for part in parts[2:]])
        html = " ".join([part.html for part in parts[:2]])
        html_rest = " ".join([part.html for part in parts[2:]])
        return Said(f"{first}\n\n{rest}", f"<p>{html}</p>\n<p>{html_rest}</p>", folded)


def _known(sentence: str) -> Said:
    html = text.render(sentence)
    inside = html.removeprefix("<p>").removesuffix("</p>")
    return Said(sentence, inside, text.fingerprint(text.plain(html)))
