"""The words and endings that speak for a name of a person, or against it. Knows words only; `app.guard.persons` weighs them."""
# ruff: noqa: E501, RUF001, SIM905 (lists of words read better in one piece; letters of other scripts are meant)

import re

PARTICLES = frozenset("van von de der den di da do dos das del della la le ten ter bin ibn al el af av du st".split())
TITLES = frozenset(
    "mr mrs ms miss mx dr prof professor sir madam madame mme herr frau señor señora sr sra monsieur dame lord lady "
    "father sister brother rev reverend judge senator president captain capt lt sgt colonel col aunt uncle auntie".split()
)
BEFORE = re.compile(
    r"(?:\b(?:names?|surname|maiden name|last name|first name|full name|nickname|contact|attn|attention|dear|hi|hello|hey|from|to|"
    r"by|author|signed|sincerely|regards|patient|customer|client|employee|applicant|tenant|directed by|written by|user|sender|"
    r"recipient|cc|manager|doctor|guest|beneficiary|payee|holder|cardholder)[ \t]*(?:is|are|was|:|,|-|=)[ \t]{0,12}|"
    r"\b(?:my|his|her|their|your|our|the) (?:\w{1,10} )?name(?: \w{1,12}){0,3} is |\bnames? (?:is|was|to|of|him|her) |"
    r"\b(?:named|called|nicknamed) (?:him |her |it |them )?|\b(?:i am|i['’]m|im|this is|it['’]s|it is) |"
    r"\b(?:tell|told|meet|met|marry|married|thank|thanks|dear|friend|"
    r"brother|sister|son|daughter|kid|child|wife|husband|mother|father|mom|mum|dad|boss|manager|colleague|cousin|uncle|aunt|"
    r"neighbou?r|girlfriend|boyfriend|partner|producer|songwriter|singer|actor|actress|player|director|author|writer|artist|"
    r"starring|featuring|feat|coach|ceo|attorney|lawyer|agent|nurse|behalf of|verses from|fan of) |"
    r"(?:change|correct|changed|corrected) (?:it|this|that|the name) to )$",
    re.IGNORECASE,
)
PERHAPS_BEFORE = re.compile(
    r"\b(?:contact|ask|call|email|phone|cc|ping|with|by|between|and|under|believe|about) $", re.IGNORECASE
)
NAMED = re.compile(
    r"\b(?:sur)?names?\b[^.!\n]{0,30}(?:\bis|\bto|:|\?)[ \t]{0,12}(?:user: )?$|\bnamed (?:him |her |it )?$",
    re.IGNORECASE,
)
"""Whatever follows is a name, however it is written."""
SURE = re.compile(
    r"\b(?:names?|surname)\b[^.!\n]{0,30}(?:\bis|\bto|:|\?)[ \t]{0,12}$|\bi['’]m $|\bthis is $|\bnamed (?:him |her )?$|"
    r"\bname\?\s+(?:user: )?$|\baccount\?\s+(?:user: )?$",
    re.IGNORECASE,
)
AFTER = re.compile(
    r"['’]s (?:\w+ )?(?:daughter|son|wife|husband|mother|father|brother|sister|friend|account|phone|email|house|birthday|"
    r"songs?|book|album|office|team|manager|killers?|name|death|life|work|concert|tales)|"
    r"[,]? (?:said|says|told|asked|explained|added|replied|wrote|writes|shouted|was born|is|was|has|had|does|did|would|should|may|might|must|does|knows?|likes?|loves?|will be|lives?|lived|"
    r"works?|worked|died|married|began|started|joined|left|called|sent|thinks?|thought|wants?|wanted|has to|had|"
    r"explained|graduated|moved|got|gets|goes|went|can|could|who|and i|just|concert|fan|never|always)\b|"
    r":[ \t]?[\"“]|, the [\w -]{3,30}, sa|,? (?:jr|sr|phd|md|esq)\b",
    re.IGNORECASE,
)
SAYS = re.compile(
    r"[ ,]{1,2}(?:said|says|told|asked|replied|wrote|shouted|whispered|explained|was born|is from|lives? in|lived in|married|died|"
    r"moved to|grew up|graduated|(?:just )?has to get|retired|is (?:a|an) (?:\w+ )?(?:person|man|woman|boy|girl|friend|teacher|nurse|"
    r"doctor|engineer))\b|, the [\w -]{3,30}, sa",
    re.IGNORECASE,
)
"""What people do and hardly anything else."""
PLACE_BEFORE = re.compile(
    r"\b(?:in|at|near|to|from|of|across|around|outside|inside|visit|visiting|leaving|via|into|through|towards?|over|"
    r"university of|city of|town of|state of|republic of|the) (?:the )?$",
    re.IGNORECASE,
)
NO_PERSON_AFTER = re.compile(
    r"[ ]?(?:&|street|st\b|avenue|ave|road|rd|lane|drive|city|county|state|university|college|school|hospital|church|park|bridge|"
    r"river|lake|mountain|island|airport|station|inc|ltd|llc|gmbh|corp|co\b|company|group|bank|partners|associates|foundation|"
    r"institute|department|ministry|act|law|award|prize|museum|theat|club|hotel|restaurant|\d)",
    re.IGNORECASE,
)
ENDINGS = re.compile(
    r"\w{2,}(?:ov|ova|ev|eva|sky|skiy|skij|ska|ski|cki|cka|son|sson|sdottir|dottir|sen|nen|vic|vich|witz|icz|ovic|evic|enko|yan|"
    r"dze|shvili|escu|oglu|poulos|opoulos|akis|idis|quist|qvist|strom|berg|gren|lund|stein|mann|etti|elli|ini|ucci|ovna|evna|"
    r"ovich|evich|kova|cova|ikova|ich|ic|aite|iene|auskas|enas|moto|mura|yama|shima|naka|gawa|kawa|saki|guchi|hashi|eira|inho|"
    r"ez|aez|iak|czyk|arz|owski|ewski|owska|ewska|ault|eau|elle|ier|ard|ois|eux)$"
)
SURE_ENDINGS = re.compile(
    r"\w{3,}(?:sson|dottir|ovic|evic|vich|ovich|evich|shvili|oglu|poulos|owski|ewski|owska|ewska|ovna|evna|ova|eva|enko|escu|"
    r"kov|nov|rov|lov|yev|ayev|czyk|nen)$"
)
CONTRACTED = re.compile(r"['’](?:t|ll|re|ve|m|d)$")
INNER = re.compile(r"(?<!^Mc)(?<!^Mac)(?<!^De)(?<!^Le)(?<!^La)(?<!^Di)(?<!^Van)(?<!^Fitz)(?<=[a-z])[A-Z]")
"""A capital within a word, as products have."""
LABEL = re.compile(
    r"\b(?:name|names?|patient|customer|contact|nombre|nom|naam|имя|姓名|名前|이름)[ \t]{0,3}[:：=][ \t]{0,12}",
    re.IGNORECASE,
)
LABELLED = re.compile(r"[^\W\d_][\w'’.-]*(?:[ ·・][^\W\d_][\w'’.-]*){0,3}")
LATIN = re.compile(r"[A-Za-zÀ-ɏ]")
NO_NAMES = frozenset(
    """monday tuesday wednesday thursday friday saturday sunday january february march april may june july august
    september october november december mon tue wed thu fri sat sun feb apr jun jul aug sep sept oct nov dec
    god jesus christ bible internet google facebook twitter amazon apple microsoft linux windows christmas easter english
    french german spanish italian american british chinese japanese russian indian african asian european mexican canadian
    australian irish scottish dutch swedish danish norwegian finnish polish greek turkish arab arabic jewish muslim christian
    catholic buddhist islam america europe africa asia australia england scotland ireland wales france germany spain italy
    portugal greece turkey russia china japan india canada mexico brazil argentina chile israel egypt iran iraq sweden norway
    denmark finland poland austria hungary switzerland belgium netherlands holland luxembourg slovenia croatia serbia
    romania bulgaria ukraine estonia latvia lithuania iceland cyprus malta korea vietnam thailand indonesia philippines
    singapore malaysia pakistan bangladesh nepal nigeria kenya ghana ethiopia morocco tunisia algeria zealand peru colombia
    venezuela cuba jamaica jordan georgia uk usa eu london paris berlin madrid rome vienna york washington boston chicago
    texas florida california virginia carolina dakota atlanta dallas houston denver seattle austin phoenix lisbon dublin
    tokyo oslo stockholm copenhagen helsinki amsterdam brussels prague warsaw budapest moscow athens zurich geneva munich
    hamburg frankfurt barcelona milan venice naples florence sydney melbourne toronto montreal""".split()
) - {"jordan", "georgia", "austin", "florence", "sydney", "paris", "april", "june", "may", "august", "chelsea"}  # fmt: skip
TWO_SIDED = frozenset(
    {"jordan", "georgia", "austin", "florence", "sydney", "paris", "april", "june", "may", "august", "virginia"}
)
SENTENCE_END = frozenset('.!?:\n"“”>*-–(')
NEVER = frozenset(
    """i the a an and or but if in on at to from for of with by as is are was were be been do does did not no yes my your
    his her its our their this that these those it he she they we you what who whom whose when where why how which there
    here then than so such all any each every some please thanks thank hello hi hey dear can could will would shall should
    may might must me us him them back new old north south east west""".split()
) - {"will", "may"}  # fmt: skip
