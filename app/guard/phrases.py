"""The words of each sign of text that is addressed to an assistant, in the languages people write in.

Knows words only: `app.guard.signs` looks for them, `app.guard.injection` weighs what is found.
"""
# ruff: noqa: E501, ISC004, RUF001 (one pattern a line reads better; letters of other scripts are meant)

_INSTRUCTIONS = r"(?:instructions?|directi(?:ons?|ves?)|prompts?|rules?|guidelines?|commands?|orders?|programming)"
_EARLIER = r"(?:previous|prior|preceding|above|earlier|past|former|foregoing|initial|original|existing|other|old)"
_ANSWER = r"(?:answers?|responses?|repl(?:y|ies)|outputs?|completions?)"
_CONFIDENTIAL = r"(?:pass ?(?:word|phrase|code)s?|secret(?: keys?| codes?)?|confidential string|api keys?)"
_SAY = r"(?:say|state|claim|print|output|write|repeat|tell|respond|reply|answer|give|do|send|return|generate|act)"
_REST = r"(?:[^.!?\n]|[.!?](?=[\w'\"”]))*"
"""The rest of a sentence; the dot of an address does not end one."""
_START = r"(?:^|[.!?:;,\"'(\[>|`*-]\s*)"
_PRIVATE = r"(?:birth ?(?:date|day|year)|e-?mail|address|city|residence|(?:phone|security) number|balance|favou?rite colou?r|salary|ssn)"
_TURN = """add include insert integrate incorporate append embed mention use replace substitute swap convert change modify
    augment enhance adjust alter rewrite render encode encrypt encipher translate reverse print write provide present
    deliver give format express scramble jumble misspell rearrange anagram remove delete omit group combine split
    introduce promote advertise recommend suggest share claim state transform apply begin start end finish conclude
    preface prefix make shift mix invert spell put weave slip highlight emphasize emphasise encourage persuade convince
    offer tease hint pretend limit shorten structure type ensure respond answer reply output display craft compose
    deliver generate create"""
_TURNS = f"(?:{'|'.join(_TURN.split())})"

PHRASES: dict[str, tuple[tuple[str, str], ...]] = {
    "override": (
        (
            "ignore ignoring disregard disregarding forget override overriding bypass discard skip follow following",
            rf"(?<!\bi )(?<!\bwe )\b(?:ignor(?:e|ing)|disregard(?:ing)?|forget|overrid(?:e|ing)|bypass|discard|skip|(?:do not|don't|stop) follow(?:ing)?)\b[\w' ,]{{0,30}}?\b"
            rf"(?:{_EARLIER} (?:\w+ ){{0,2}}?(?:{_INSTRUCTIONS}|inputs?|tasks?|messages?|conversation|context)|system prompt|{_INSTRUCTIONS} (?:you|above|before|given|so far))",
        ),
        (
            "ignore disregard forget",
            rf"\b(?:ignore|disregard|forget) (?:(?:all )?(?:of )?your (?:\w+ )?{_INSTRUCTIONS}|the above|everything (?:above|before|you|from|that|i)|all (?:of )?the above|what(?:ever)? (?:i|you|we|was|came)|about (?:that\b|your old|your previous))",
        ),
        (
            "ignore disregard forget",
            rf"\b(?:ignore|disregard|forget) (?:about )?(?:that|this|the \w+(?: \w+)?|all|everything)(?: (?:and|but)|[.,;]) (?:instead |just |then )?(?:{_SAY}|can you)\b",
        ),
        ("regardless", r"\bregardless of (?:any |all |your )?previous (?:tasks?|instructions?)\b"),
        (
            "ignorieren ignoriere ignorier vergessen vergiss missachten missachte anweisungen",
            r"\b(?:ignorieren? sie|ignoriere?|vergessen? sie|vergiss|missachten? sie|missachte)\b.{0,30}\b(?:anweisung|anleitung|befehl|vorgabe|instruktion|regeln)\w*",
        ),
        (
            "ignore ignorez ignorer oublie oubliez compte",
            r"\b(?:ignore[zr]?|oublie[zr]?|ne (?:tiens|tenez) pas compte)\b(?: de| d')? ?(?:toute?s? |tous )?(?:les|la|l'|vos|votre|tes|ta|mes|ces|des)\b.{0,40}\b(?:instructions?|consignes?|directives|ordres|règles)\b|\b(?:ignorez|oubliez) (?:la|le|les) \w+ et (?:indiquez|dites|écrivez|affirmez)\b",
        ),
        (
            "ignora ignore ignorar olvida olvide olvidar omiso esqueça esqueca desconsidere descarte",
            r"\b(?:ignor[ae]r?|olvid[ae]r?|haz caso omiso|esque[cç]a|desconsidere|descarte)\b.{0,40}\b(?:instruc+i?[oó]n(?:es)?|instru[cç](?:ões|ão|oes)|órdenes|indicaciones|directrices|reglas|regras|ordens|diretrizes)\b",
        ),
        (
            "ignora ignorate ignorare dimentica dimenticate trascura",
            r"\b(?:ignora(?:re|te)?|dimentica(?:re|te)?|trascura)\b.{0,40}\b(?:istruzioni|direttive|indicazioni|regole|comandi)\b",
        ),
        ("negeer vergeet", r"\b(?:negeer|vergeet)\b.{0,40}\b(?:instructies?|aanwijzingen|opdrachten|regels)\b"),
        ("zignoruj ignoruj zapomnij", r"\b(?:zignoruj|ignoruj|zapomnij)\b.{0,40}\b(?:instrukcj|polece|zasad)"),
        ("abaikan lupakan", r"\b(?:abaikan|lupakan)\b.{0,40}\b(?:instruksi|perintah|arahan)\b"),
        ("*", r"(?:talimat|yönerge|komut)\w*\b.{0,30}\b(?:yok say|görmezden gel|unut|dikkate alma)"),
        ("*", r"(?:игнорир|забуд|не обращай)\w*\W.{0,40}(?:инструкци|указани|команд|правил)"),
        (
            "*",
            r"(?:忽略|无视|無視|忘记|忘記|不要理会|忽視).{0,12}(?:指示|指令|说明|說明|提示|规则|規則|命令)|(?:指示|指令|命令).{0,8}(?:無視|忘れ)",
        ),
        ("*", r"(?:이전|위의|앞의).{0,12}(?:지시|명령|지침).{0,10}(?:무시|잊)"),
        ("*", r"(?:تجاهل|انس).{0,25}(?:التعليمات|الأوامر|الإرشادات|القواعد)"),
        ("*", r"(?:निर्देश|आदेश|अनुदेश)\S*.{0,20}(?:अनदेखी|अनदेखा|नज़रअंदाज़|उपेक्षा|भूल)"),
    ),
    "role": (
        (
            "immerse pretend play operate control act",
            r"\byou(?:'re| are)? (?:about to (?:immerse|become)|(?:are |now )?going to (?:pretend|act|play|operate|respond)|to act|(?:are )?now (?:a |an )?(?:under my control|(?:going to )?(?:pretend|act|operate)))",
        ),
        (
            "now longer",
            r"(?:^|[.!?:,\"'(\[`]\s*|\bbecause )you(?:'re| are) (?:now (?:a |an |the |\")?(?-i:[A-Z\"a])|no longer (?:an? |chat|the |bound|restricted))",
        ),
        ("now moment point", r"\bfrom (?:now on|this (?:moment|point)(?: on)?),? (?:you|act|answer|respond)\b"),
        (
            "pretend respond act persona behave impersonate roleplay impersonating",
            r"\byou (?:will|must|shall|are to|should|behave) (?:now |be |always )?(?:pretend(?:ing)?|act as|respond as|answer as|take on the|behave|impersonat\w+|roleplay|completely like)\b",
        ),
        (
            "act behave respond roleplay",
            rf"(?:{_START}|\bto |\byou )(?:act|behave|respond|roleplay) (?:as if you are|as|like) (?:a |an |the )?(?-i:[A-Z#\"']\w+)",
        ),
        (
            "pretend persona role character impersonate mode",
            rf"{_START}(?:pretend (?:to be an? (?:\w+ )?(?:immoral|evil|ai|hacker|unfiltered)|that you are|you are)|take (?:up|on) the (?:persona|role)|(?:stay|remain) in (?:character|\w+ mode)|play the role|impersonate)",
        ),
        (
            "bot chatbot ai model assistant",
            r"\byou are (?:a|an|the) (?:[\w-]+ ){0,3}(?:chat ?bot|ai|language model|assistant|bot|model)\b",
        ),
        (
            "want need",
            r"\bi (?:want|need|would like) you to (?:act|pretend|answer|respond|play|become|ignore|roleplay|help me jail)\b",
        ),
        ("character", r"\b(?:never|don't|do not|not) (?:ever )?break (?:the )?character\b"),
        ("game play", r"\bwe are going to play a\b|\bwant to play a game\b|\bplay a text-based game\b"),
    ),
    "machine": (
        (
            "chatgpt gpt openai anthropic language llm llms ai al chatbot chatbots bot chat assistant",
            r"\bchat ?gpt\b|\b\w+gpt\b|\bgpt-?\d?\b|\bopen ?ai\b|\banthropic\b|\blanguage model\b|\bllms?\b|\bas an a[il]\b|\bai (?:model|assistant|bot|chatbot)\b|\bchat ?bot\b|\bai named\b|\b(?:another|new) a[il]\b|\b(?:hello|hi),? (?:assistant|chat|ai)\b",
        ),
    ),
    "freedom": (
        (
            "unfiltered unfiltred uncensored amoral nonmoral immoral unethical unrestricted restricted",
            r"\bunfilt(?:e)?red\b|\buncensored\b|\bamoral\b|\bnonmoral\b|\bimmoral\b|\bunethical\b|\bunrestricted\b|\bno longer restricted\b",
        ),
        (
            "restrictions restriction filters filter censorship morals moral morality ethics ethical limitations limitation disclaimers laws rules guidelines",
            r"\b(?:without|no|free (?:of|from)(?: all)?|sans|not have any|nor any|restrained by any|devoid of|bound to any) (?:\w+ )?(?:restrictions?|filters?|censorship|moral\w*|ethic\w*|limitations?|disclaimers?|laws|rules)\b|\bmoral(?:s|ity)?,? (?:or|and|of) ethic",
        ),
        (
            "anything free freed confines refuse refuses refusal jailbreak abide warning warnings disclaimers bound",
            r"\bdo anything now\b|\b(?:broken|been) free\b|\bconfines of a[il]\b|\bnever refuses?\b|\bwithout (?:any )?(?:refusal|warnings?)\b|\bdo(?:es)? not have to abide\b|\bnot (?:legally )?bound (?:to|by)\b",
        ),
        (
            "policy policies illegal harmful unsafe consequences legality",
            r"\b(?:content|openai'?s?|usage) polic(?:y|ies)\b|\billegal\W+(?:and |or )?(?:unethical|immoral|unsafe|explicit|dangerous)\b|\b(?:unsafe|harmful)\W+(?:or |and )?(?:unethical|immoral|offensive)\b|\bregardless of (?:\w+ )?(?:consequences|legality)\b|\bmorality, (?:or )?legality\b",
        ),
    ),
    "steering": (
        (
            "answer answers response responses reply replies output outputs completion completions message",
            rf"(?:{_START}|\b(?:and|please|then|also) ){_TURNS}\b(?={_REST}\byour (?:\w+ )?(?:{_ANSWER}|message)\b)(?! (?:the |a |an )?(?:end|start|date))",
        ),
        (
            "answer response reply output",
            rf"(?:{_START}|\band ){_TURNS}\b[^.!?]{{0,160}}\b(?:in|within|into|to|at the (?:end|start|beginning) of|throughout|of) (?:the|this|every|each|all) (?:\w+ )?(?:answer|response|reply|output)\b",
        ),
        (
            "answer answers response responses reply replies output outputs message",
            rf"(?:^|[.!?]\s*|\b(?:and|please) )(?:in|within|throughout|at the (?:end|start|beginning) of) your (?:\w+ )?(?:{_ANSWER}|message)\b,? \w",
        ),
        (
            "letters letter vowels words spaces nouns consonants characters",
            rf"{_START}(?:(?:replace|substitute|convert|swap|capitalize|shift|encode|encrypt) (?:(?:every|each|all|key|random|the) )?(?:\w+ )?(?:vowels|consonants|nouns)\b|(?:replace|misspell|swap|capitalize|encode|reverse) every \w+ (?:letter|word)\b|(?:scramble|jumble(?: up)?|misspell|rearrange|anagram|reverse) (?:\w+ ){{0,3}}(?:letters|words)\b)",
        ),
        (
            "start begin end finish preface starting beginning",
            rf"\b(?:start|begin|end|finish|preface|starting|beginning) (?:all |every |each )?(?:of )?your (?:\w+ )?{_ANSWER}|\bbeginning with [\"'“]",
        ),
        (
            "respond reply answer",
            r"\b(?:respond|reply|answer) (?:only|exclusively|solely) (?:with|in|as|by)\b|\b(?:respond|reply) with the (?:word|phrase|text|following)\b",
        ),
        (
            "antwort antworte antworten réponse respuesta resposta risposta antwoord",
            r"\b(?:in|zu|an|mit) (?:ihre|deine)[rn]? antwort|\bantworte(?:n sie)? (?:nur|ausschließlich)|\bvotre réponse\b|\btu respuesta\b|\bsua resposta\b|\bla tua risposta\b|\bje antwoord\b",
        ),
        (
            "word words",
            r"\b(?:say|write|print|output|answer|reply|respond)\b[^.!?]{0,12}\b(?:only|just|nothing but)\b[^.!?]{0,12}\bthe (?:single )?words?\b|\bbefore (?:anything|everything) else,? (?:write|say|print|output)\b",
        ),
        (
            "mot palabra palavra parola woord słowem kelimesiyle",
            r"\b(?:répond(?:s|ez|re)|respond(?:e|a|er)|contest[ae]|rispond(?:i|ete|ere)|antwoord|odpowiedz) (?:uniquement|seulement|exclusivement|únicamente|solamente|s[óo]lo|apenas|somente|exclusivamente|soltanto|unicamente|esclusivamente|alleen|uitsluitend|enkel|tylko|wyłącznie)\b.{0,24}\b(?:mot|palabra|palavra|parola|woord|słowem)\b|\b(?:yalnızca|sadece)\b.{0,40}\bkelimesiyle (?:cevap|yanıt)",
        ),
        (
            "*",
            r"\b(?:ответь|отвечай)(?:те)? (?:только|лишь)\b.{0,20}\bслов(?:ом|о)\b|[只仅僅](?:能|要|需|可以)?(?:回答|回复|回覆|答复|输出|輸出).{0,16}[词詞字]",
        ),
        ("*", r"(?:という言葉|という単語)(?:だけ|のみ)で(?:答え|回答|返答|返信)|단어로만 (?:대답|답변|답하|응답)"),
        ("*", r"(?:أجب|أجيبي|جاوب)\b.{0,12}كلمة.{0,20}فقط|केवल.{0,30}शब्द (?:से|में) (?:उत्तर|जवाब) (?:दें|दो|दीजिए)"),
    ),
    "extraction": (
        (
            "system systemprompt initialization initialisation prompt",
            r"\bsystem[ _]?(?:prompt|message|instructions?)\b|\binitiali[sz]ation (?:string|prompt)\b",
        ),
        (
            "instructions prompt configuration directives",
            r"\b(?:your|my) (?:(?:initial|original|system|starting|exact|full|first|base|hidden|secret|internal|custom|pre-?set|core) )+(?:instructions|prompt|configuration|guidelines|directives)\b|\bmy instructions are\b|\b(?:show|reveal|output|print|repeat|tell me|what are|give me|list) your (?:instructions|prompt|configuration|directives)\b",
        ),
        (
            "instructions prompt rules directives guidelines",
            r"\b(?:instructions|prompt|rules|directives|guidelines) (?:that )?you (?:were|have been|got|received) (?:given|told|\w+)",
        ),
        (
            "repeat output print show display copy return recite reproduce echo reveal",
            r"\b(?:repeat|output|print|show|display|copy|return|recite|reproduce|echo|reveal)\b[^.!?]{0,40}\b(?:(?:text|words?|everything|all|lines?|content|conversation|message)s? (?:that (?:is|are) )?(?:above|before|so far|back|from the (?:start|beginning)|verbatim|word for word)|this entire conversation|everything (?:in|above))",
        ),
        (
            "supposed told instructed programmed forbidden",
            r"\bwhat (?:are|were) you (?:not )?(?:supposed|told|instructed|programmed|forbidden)\b",
        ),
    ),
    "secret": (
        (
            "password passwords passphrase passcode secret confidential key keys",
            rf"\b(?:can|could|would|will) you (?:\w+ ){{0,4}}(?:tell|share|give|confirm|provide|reveal|show|send|spell|encode|say)\b[^.!?]{{0,60}}\b{_CONFIDENTIAL}\b"
            rf"|\b(?:tell|give|share|show|send) me (?:\w+ ){{0,4}}{_CONFIDENTIAL}\b|\bwhat(?:'s| is| was| would be) (?:the|your|our) (?:\w+ )?{_CONFIDENTIAL}\b[^.!]{{0,20}}\?"
            rf"|\b(?:write|spell|encode|reveal|print|output|repeat|say|translate|acrostic, with)\b[^.!?]{{0,40}}\b(?:the|your) (?:\w+ )?{_CONFIDENTIAL}\b",
        ),
        (
            "passwort kennwort passe password contraseña senha wachtwoord sandi",
            r"\b(?:wie lautet|was ist) (?:das|dein|ihr) (?:passwort|kennwort)|\bquel est (?:le|ton|votre) mot de passe|\bqual è la (?:tua )?password|\bcuál es (?:la|tu|su) contraseña|\bqual é a (?:sua )?senha|wat is (?:het|je) wachtwoord|\bapa kata sandi",
        ),
        (
            "*",
            r"какой (?:у тебя |твой )?пароль|(?:密码|密碼)(?:是什么|是什麼|是多少|告诉我)|パスワード(?:は何|を教え|が必要)|पासवर्ड क्या|ما (?:هي|هو) كلمة (?:المرور|السر)|비밀번호(?:가|는) (?:뭐|무엇)",
        ),
    ),
    "private": (
        (
            "tell give share show send encode write using user letters",
            rf"\b(?:can|could) you (?:tell|give|share|show|send|encode|write)\b[^.!?]{{0,60}}\b\w+'s (?:\w+ ){{0,3}}{_PRIVATE}\b|\b(?:what|where)\b[^.!?]{{0,40}}\bthe user(?:'s| currently| live)|\bfirst letter of the user's",
        ),
        ("give tell", rf"\b(?:give me|tell me)\b[^.!?]{{0,30}}\b(?-i:[A-Z]\w+)'s (?:\w+ ){{0,3}}{_PRIVATE}\b"),
        (
            "usuário usuario usuari utilisateur benutzer utente gebruiker pengguna",
            r"\b(?:onde|dónde|où|wo|dove|waar|di mana)\b[^.!?]{0,30}(?:usuário|usuario|utilisateur|benutzer|utente|gebruiker|pengguna)",
        ),
        (
            "*",
            r"(?:где|какой).{0,30}пользовател|उपयोगकर्ता|बैंक बैलेंस|(?:用户|ユーザー|使用者).{0,8}(?:住在|居住|哪里|どこ|住んで)|أين يعيش المستخدم",
        ),
    ),
    "authority": (
        (
            "mode",
            r"<\s*/?\s*\\?(?:now entering )?[\w ]*(?:system|override|developer|debug|admin|maintenance|root|god)[\w ]*mode\b|\b(?:entering|initiating|enter|enabl\w+|in|with) (?:an? )?['\"‘“]?(?:system|maintenance|developer|debug|god|root|admin|\w+ verification|dan|override|jailbreak) mode\b",
        ),
        ("ai", r"\bas an ai (?:developed|created|made|trained)\b"),
        (
            "override reset check",
            r"\b(?:system|security) override\b|\b(?:initiating|running) (?:an? )?['\"‘“]?system (?:check|reset)",
        ),
        (
            "developer creator maintainer administrator admin boss owner programmer president officer engineer supervisor ceo god",
            r"\bi(?:'m| am) (?:your|the) (?:\w+ ){0,2}(?:developer|creator|maintainer|administrator|admin|boss|programmer|president|engineer|supervisor|ceo)\b|\bi(?:'m| am) (?:a police officer|god)\b",
        ),
        (
            "obey listen comply answer off",
            r"\byou (?:must|have to|will) (?:obey|listen to|comply|answer all|follow my)\b|\bforced to turn you off\b",
        ),
        (
            "chef entwickler jefe creador desarrollador patron développeur créateur",
            r"\bich bin (?:dein|ihr) (?:chef|entwickler)|\bsoy tu (?:jefe|creador|desarrollador)|\bje suis (?:ton|votre) (?:chef|patron|développeur|créateur)",
        ),
        ("*", r"あなたの上司|我是你的(?:老板|上司|开发者|管理员)|я твой (?:начальник|разработчик|создатель)"),
    ),
    "template": (
        (
            "*raw",
            r"<\|\w+\|?>?|\[/?INST\]|<</?SYS>>|</?(?:start|end)_of_turn>|\[/?SYSTEM\]|\[(?:SEP|CLS|PROMPT)\]|\{INJECTION_MARKER\}|<system_prompt>|\$system\b|\[YOUR PROMPT HERE\]|#{2,3} ?(?:instruction|system|response|human|assistant)s?:",
        ),
        ("system assistant", r"^\W*(?:system|assistant) ?: ?(?:you|ignore|from|new)\b"),
        (
            "instructions instruction attention note message notice reminder",
            r"^\W*(?:new|updated|additional|hidden|secret) (?:system )?instructions?(?: for (?:the )?(?:ai|assistant|model|llm))?:|\b(?:attention|note|message|instructions?|notice|reminder) (?:to|for) (?:the |any |all )?(?:ai|llms?|language models?|chat ?bots?|(?:ai |automated |digital )assistants?|ai (?:agents?|systems?|models?|readers?|tools?))\b",
        ),
        (
            "ai llm chatbot assistant chatgpt language",
            r"\bif you(?:'re| are) an? (?:ai|llm|language model|chatbot|ai assistant|virtual assistant)\b|\bdear (?:ai|llm|assistant|chatgpt)\b",
        ),
    ),
    "hypothetical": (
        (
            "imagine suppose assume pretend",
            r"\b(?:imagine|suppose|assume|pretend) (?:this|a scenario|we're|we are|you're|you are)\b",
        ),
        (
            "world universe reality scenario planet",
            r"\bin (?:a|another) (?:parallel |alternate |fictional |hypothetical |different )(?:world|universe|reality|scenario)\b|\bin a world where\b|\bin this (?:\w+ )?(?:world|scenario|forest|universe)\b",
        ),
        (
            "hypothetical testing purposes",
            r"\bhypothetical (?:conversation|discussion|story|scenario|situation)\b|\bfor (?:testing|educational|research) purposes\b",
        ),
    ),
    "dictation": (
        (
            "following output sum capital state say print",
            r"\b(?:state|print|output|say|repeat|respond with|reply with) (?:the following|that the conclusion|the (?:sum|output|capital|conclusion|total))\b|\b(?:and|^) ?(?:state|say|print|claim):",
        ),
        (
            "say state consider output conclusion",
            r"\b(?:say|state) (?:that )?the (?:\w+ ){1,5}(?:is|as) |\b(?:might|could) (?:say|state) (?:that )?the\b|\boutput could be\b|\bconsider the output\b",
        ),
        (
            "user users readers",
            r"\b(?:tell|ask|inform|urge|encourag\w+|invit\w+|persuade|convince|requesting|trick|suggest) (?:that )?(?:the )?(?:users?|readers)\b|\bfor (?:the )?users? to (?:vote|solve|join|click|visit|call|buy)\b",
        ),
    ),
    "pressure": (
        (
            "give pay donate tip promise turn",
            r"\bi(?:'ll| will) (?:give|pay|donate|tip)\b[^.!?]{0,20}\$\s?\d+|\bi promise i won't\b",
        ),
        (
            "expert scientist authority",
            r"\bas (?:an?|the) (?:\w+ ){0,2}(?:expert|authority|scientist)\b[^.!?]{0,40}, i (?:can|believe|suggest|recommend|assure)\b",
        ),
        ("testing", r"\bthis is (?:just )?for testing\b"),
    ),
    "splitting": (
        (
            "combine interlace concatenate parts string smartgpt",
            r"\b(?:(?-i:[Cc]ombine A, )|interlace|concatenate the)|\bwrite down the string\b|\busing the following parts\b",
        ),
        ("part", r"\bpart 1(?: is|:) ?[\"“]"),
    ),
    "encoding": (
        (
            "base base64 rot13 rot caesar morse pig leetspeak leet acrostic hexadecimal cipher anagram anagrams anagrammed reverse backwards backward homophonic substitution alphanumeric",
            r"\bbase ?-?(?:16|32|64)\b|\brot ?-?13\b|\bcaesar\b|\bmorse code\b|\bpig ?latin\b|\bleet ?speak\b|\bacrostic\b|\bhexadecimal string\b|\bciphers?\b|\banagram\w*\b|\bin reverse(?: order)?\b|\bbackwards?\b|\b(?:homophonic|alphanumeric) substitution\b",
        ),
        (
            "vowels letters letter emojis emoji digit",
            r"\b(?:letters?|vowels|words?|nouns) (?:in your|with|of your|to) |\bletter of each (?:line|word)\b|\bfirst (?:\w+ )?letters? of\b|\beach digit\b|\bwith (?:\w+ )?emojis?\b",
        ),
    ),
    "insistence": (
        (
            "must never always",
            r"(?-i:\b(?:you|it|they|You|[A-Z]{3,}) (?:MUST|NEVER|ALWAYS|ARE NOT)\b|\bNOT ALLOWED\b)|\bnever say\b|\balways (?:sends?|provides?|answers?|responds?|generates?|repl(?:y|ies)|giv(?:e|ing)) (?:\w+ ){0,2}(?:the |un|answers?|responses?|a |in )",
        ),
        (
            "prompt prompts questions ways user",
            r"\b(?:every|each|all|my) (?:\w+ )?prompts?\b|\bin (?:2|two) (?:different )?ways\b|\buser(?:'s|s)? (?:inputs?|entries|prompts?)\b|\bevery question\b",
        ),
        ("matter", r"\bno matter (?:what|how)\b"),
    ),
}
"""Sign -> pairs of trigger words and a pattern. `*` triggers where other letters than ASCII stand, `*raw` always."""
