"""English words that are each other's opposite, and those of them that tell of more or of less.

Knows words only; what a text says with them is app/checks/polarity.py's.
"""

import re

_PAIRS = """
increase increases increased increasing increment rise rises rose raise raises raised raising higher high highly highest
    greater greatest grow grows growth grew elevate elevated elevates elevation upregulate upregulated
    upregulates upregulation enhance enhances enhanced enhancing enhancement amplify amplified boost boosts boosted
    expand expands expanded expansion accelerate accelerates accelerated heighten
/ decrease decreases decreased decreasing reduce reduces reduced reducing reduction lower lowers lowered lowering low
    lowest decline declines declined declining drop drops dropped fall falls fell diminish diminishes
    diminished downregulate downregulated downregulates downregulation impair impairs impaired impairment attenuate
    attenuates attenuated shrink shrinks shrank lessen weaken weakens
more most / less least fewer fewest
gain gains gained / loss losses lose loses lost
larger large largest bigger big biggest / smaller small smallest little tiny
longer long longest / shorter short shortest
promote promotes promoted promoting activate activates activated activating activation active induce induces induced
    induction stimulate stimulates stimulated stimulation facilitate facilitates facilitated trigger triggers triggered
    cause causes caused enable enables enabled
/ inhibit inhibits inhibited inhibiting inhibition suppress suppresses suppressed suppression prevent prevents prevented
    preventing prevention block blocks blocked blocking repress represses repressed hinder hinders abolish abolishes
    abolished deactivate deactivates deactivated inactive inactivate inactivated disable disables disabled antagonize
improve improves improved improving improvement better best / worsen worsens worsened worsening worse worst deteriorate
    deteriorates aggravate aggravates
before prior precede precedes preceded earlier early earliest / after following later late latest subsequent follow
    follows followed
above upper / below lower beneath
first / last final
positive positively / negative negatively
beneficial benefit benefits / harmful harm harms detrimental
always every / never
all every everyone / none nobody
allow allows allowed permit permits permitted accept accepts accepted approve approves approved / forbid forbids
    forbidden prohibit prohibits prohibited ban bans banned deny denies denied reject rejects rejected refuse
    refuses refused
required mandatory compulsory obligatory require requires / optional voluntary
include includes included including / exclude excludes excluded excluding exclude except
start starts started begin begins began begun beginning open opens opened opening launch launched
/ end ends ended finish finishes finished stop stops stopped close closes closed closing cease ceases ceased
north northern / south southern
east eastern / west western
old older oldest / new newer newest young younger youngest
fast faster fastest quick quickly quicker rapid rapidly / slow slower slowest slowly
strong stronger strongest strongly / weak weaker weakest weakly
hot hotter hottest warm warmer / cold colder coldest cool cooler
summer / winter
minimum minimal min / maximum maximal max
public publicly / private privately
internal internally inside indoor indoors / external externally outside outdoor outdoors
male males man men boy boys / female females woman women girl girls
buy buys bought purchase / sell sells sold sale
borrow borrows / lend lends
win wins won winner victory / lose loses lost loser defeat
easy easier easily easiest simple / difficult hard harder hardest complex
rich richer / poor poorer
safe safer safely / dangerous unsafe risky
common commonly frequent frequently often usually / rare rarely uncommon infrequent seldom
wide wider broad / narrow narrower
many most majority / few minority
sensitive sensitivity susceptible susceptibility / resistant resistance
success succeed succeeds succeeded successful / failure fail fails failed
present presence / absent absence
import imports / export exports
add adds added / remove removes removed delete deletes deleted
employer employers / employee employees
parent parents / child children
teacher teachers / student students
full fully complete completely / empty partial partially partly
temporary temporarily / permanent permanently
full-time / part-time
major / minor
heavy heavier / light lighter
deep deeper / shallow
expensive costly / cheap cheaper inexpensive
dry / wet
true correct / false incorrect wrong
same identical similar / different
advantage advantages / disadvantage disadvantages
likely / unlikely
able / unable
known / unknown
paid / unpaid
legal legally lawful / illegal illegally unlawful
valid / invalid
dependent / independent
direct directly / indirect indirectly
related / unrelated
affected / unaffected
necessary / unnecessary
possible / impossible
usual / unusual
available / unavailable
regular / irregular
visible / invisible
formal / informal
"""


def _opposites() -> dict[str, frozenset[str]]:
    """Return every word with all its opposites."""
    found: dict[str, set[str]] = {}
    joined = re.sub(r"\n\s+|\n/", lambda gap: " /" if "/" in gap[0] else " ", _PAIRS.strip())
    for line in joined.splitlines():
        one, _, other = line.partition("/")
        for word in one.split():
            found.setdefault(word, set()).update(other.split())
        for word in other.split():
            found.setdefault(word, set()).update(one.split())
    return {word: frozenset(others - {word}) for word, others in found.items()}


OPPOSITES = _opposites()
"""Every word with all its opposites."""
TRENDS = frozenset(
    word for one in ("increase", "more") for other in OPPOSITES[one] for word in {other, *OPPOSITES[other]}
) - {"most", "least", "above", "upper", "many", "majority"}
"""Words for more and for less of something."""
