"""Words in file names: seasons, episodes, later parts, specials, bonus clips."""

import re
from typing import Final

_START = r"(?<![^\W_])"  # no letter or digit before it
_END = r"(?![^\W_])"  # no letter or digit after it
_FLAGS = re.IGNORECASE

#: Further numbers: `-27`, `+02`, ` ~ 10`, ` bis 12`, ` und 2`.
MORE: Final = r"((?:(?:[-~&+,]|[ ](?:[~&+]|to|bis|ao|and|und)[ ])[0-9]{1,4}){0,8})"

_ORDINALS: Final = (
    ("first", "erste", "première", "premiere", "primera", "primeira", "prima", "birinci"),
    ("second", "zweite", "deuxième", "deuxieme", "seconde", "segunda", "seconda", "ikinci"),
    ("third", "dritte", "troisième", "troisieme", "tercera", "terceira", "terza", "üçüncü"),
    ("fourth", "vierte", "quatrième", "quatrieme", "cuarta", "quarta", "dördüncü", "dorduncu"),
    ("fifth", "fünfte", "fuenfte", "cinquième", "cinquieme", "quinta", "beşinci", "besinci"),
    ("sixth", "sechste", "sixième", "sixieme", "sexta", "sesta", "altıncı", "altinci"),
    ("seventh", "siebte", "septième", "septieme", "séptima", "sétima", "settima", "yedinci"),
    ("eighth", "achte", "huitième", "huitieme", "octava", "oitava", "ottava", "sekizinci"),
    ("ninth", "neunte", "neuvième", "neuvieme", "novena", "nona", "dokuzuncu"),
    ("tenth", "zehnte", "dixième", "dixieme", "décima", "decima", "onuncu"),
    ("eleventh", "elfte"),
    ("twelfth", "zwölfte", "zwoelfte"),
)
#: Numbers behind the word for a season: `Season Two`, `Staffel II`.
_COUNTS: Final = (
    *(("one", "eins"), ("two", "zwei", "ii"), ("three", "drei", "iii"), ("four", "vier", "iv")),
    *(("five", "fünf"), ("six", "sechs", "vi"), ("seven", "sieben", "vii")),
    *(("eight", "acht", "viii"), ("nine", "neun", "ix"), ("ten", "zehn")),
    *(("eleven", "elf", "xi"), ("twelve", "zwölf", "xii")),
)
ORDINALS: Final = {word: n for n, words in enumerate(_ORDINALS, 1) for word in words}
#: Number words of a season, before it or behind it.
SEASON_NUMBERS: Final = ORDINALS | {w: n for n, words in enumerate(_COUNTS, 1) for w in words}
#: Words for numbers behind `Episode`, `Folge`, `Kapitel`: English, German, French.
_NUMBERS: Final = (
    *("one eins un une", "two zwei deux", "three drei trois", "four vier quatre"),
    *("five fünf fuenf cinq", "six sechs", "seven sieben sept", "eight acht huit"),
    *("nine neun neuf", "ten zehn dix", "eleven elf onze", "twelve zwölf zwoelf douze"),
    *("thirteen dreizehn treize", "fourteen vierzehn quatorze", "fifteen fünfzehn quinze"),
    *("sixteen sechzehn", "seventeen siebzehn", "eighteen achtzehn", "nineteen neunzehn"),
    "twenty zwanzig vingt",
)
#: Behind `Episodio`, `Capítulo`, `Bölüm`: Spanish, Italian, Portuguese, Turkish.
_NUMBERS_SOUTH: Final = (
    *("uno um bir", "dos due dois iki", "tres tre três üç", "cuatro quattro quatro dört"),
    *("cinco cinque beş", "seis sei altı", "siete sette sete yedi", "ocho otto oito sekiz"),
    *("nueve nove dokuz", "diez dieci dez", "once undici onze", "doce dodici doze"),
)


def _values(words: tuple[str, ...]) -> dict[str, int]:
    return {word: number for number, each in enumerate(words, 1) for word in each.split()}


_OLD_DIGITS: Final = "壱弐参肆伍"
_CJK_DIGITS: Final = {c: n for n, c in enumerate("一二三四五六七八九", 1)} | {
    c: n for n, c in enumerate(_OLD_DIGITS, 1)
}
ROMAN: Final = {
    word: n
    for n, word in enumerate(
        ("II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII", "XIII"), 2
    )
}

_SEASON_WORDS: Final = (
    *("season", "staffel", "saison", "sezon", "temporada", "stagione", "seizoen"),
    *("säsong", "sesong", "сезон", "évad"),
)
_SEASON = f"(?:{'|'.join(_SEASON_WORDS)})"
#: No word for an episode that the number before it counts: `Elfte Staffel 5. Folge`.
_NO_EPISODE: Final = r"(?!\.[ ]?(?:folge|b[öo]l[üu]m|seri|сери)(?![n]?[ .:-]{0,3}[0-9]))"
#: `Season 2`, `2nd Season`, `2. Staffel`, `Zweite Staffel`.
_SEASON_BY_WORD: Final = re.compile(
    _START
    + rf"(?:(?:{_SEASON}|temp)[ .:#№-]{{0,3}}([0-9]{{1,4}})(?:of[0-9]{{1,2}})?{_NO_EPISODE}"
    + rf"|([0-9]{{1,2}})(?:(?:st|nd|rd|th|e|a|[èe]me|[ºª]|-?[йг]о?)[ .-]?|\. ){_SEASON}"
    + rf"|([0-9]{{1,2}})[ .]?{_SEASON}(?![ .:-]{{0,3}}[0-9]{{1,4}}"
    + r"(?![0-9pi]|[ .]{0,2}(?:folge|сери|seri|b[öo]l[üu]m)))"
    + rf"|({'|'.join(ORDINALS)})[rns]?[ .-]{_SEASON}"
    + rf"|{_SEASON}[ .-]({'|'.join(word for words in _COUNTS for word in words)}))"
    + _END,
    _FLAGS,
)
#: `S2`, `T2 Cap`, `TV-2`, `St. 2 Folge`, and `Series 2 Episode` of British programmes.
_SEASON_BY_LETTER: Final = re.compile(
    _START
    + r"(?:S([0-9]{1,2})|T([0-9]{1,2})(?=[ .]{1,2}cap)|TV-([2-9])"
    + r"|(?:St[.]?[ ]?|series[ .]?)([0-9]{1,2})"
    + r"(?=[ .,_-]{1,3}(?:ep|e[0-9]|folge|[0-9]{1,3}[ ]?of)))"
    + _END,
    _FLAGS,
)
#: Whole names of folders that are seasons: `T2` of Spanish ones, `Series 2`, `Book 2`.
SEASON_FOLDER: Final = re.compile(r"(?:T|Series?|Serie|Book|Buch)[ .]{0,2}([0-9]{1,2})", _FLAGS)
#: `第2季`, `シーズン2`, `시즌 2`, `2기`, `2期`, `제2기`.
_SEASON_CJK: Final = re.compile(
    r"第([0-9一二三四五六七八九十]{1,3})[季期部]|(?:シーズン|시즌)[ ]?([0-9]{1,2})"
    r"|제?(?<![0-9])([0-9]{1,2})[기期]"
)


def find_season(text: str) -> re.Match[str] | None:
    """Return the first season that a text names: its number or word is the only group set."""
    lowered = text.lower()
    matches = [_SEASON_BY_LETTER.search(text)]
    if any(map(lowered.__contains__, _SEASON_WORDS)) or "temp" in lowered:
        matches.append(_SEASON_BY_WORD.search(text))
    if not text.isascii():
        matches.append(_SEASON_CJK.search(text))
    return min(filter(None, matches), key=re.Match.start, default=None)


#: Several seasons: `Season 1-3`, `Seasons 01-04`, `Season 1 2 3`, `S01-S03`. `Season.1.2` may be
#: two seasons as well as season and episode, so it is no episode either.
SEASONS: Final = re.compile(
    _START
    + f"(?:{_SEASON}"
    + r"(?:(?:s|n)?[ .(]{0,2}[0-9]{1,2}(?: ?(?:[&+~]|-(?=[1-9])) ?"
    + r"|[ .](?:to|bis|and|und|[aày])[ .])[1-9][0-9]?"
    + r"|[sn][ .(]{1,2}[0-9]{1,2}[ .]?(?:&|\+|to|bis|and|und|[-~,])[ .]?[0-9]{1,2}"
    + r"|[ .][0-9]{1,2}(?:,?[ .](?:(?:and|und|to|bis|&)[ .])?[0-9]{1,2}(?![0-9])"
    + r"|[&,][1-9](?![0-9])){2,20}|[.][0-9]{1,2}[.][1-9](?=[.]))"
    + r"|S[0-9]{1,2}(?: ?[-~+&,] ?|[ .](?:to|bis)[ .])S[0-9]{1,2}"
    + r"|S01-02-03(?:-[0-9]{2}){0,20})"
    + _END,
    _FLAGS,
)
#: `2. Sezon 7. Bölüm`: the numbers stand before the words.
SEZON_BOLUM: Final = re.compile(
    _START
    + r"([0-9]{1,2})[ .]{0,2}sezon[ .,-]{0,3}([0-9]{1,4})[ .]{0,2}(?:b[öo]l[üu]m|seri[jy]?a)"
    + _END,
    _FLAGS,
)

#: `Episode 05`, `Ep04`, `E1135`, `Folge 12`, `#957`, `Cap. 5`.
EPISODE: Final = re.compile(
    r"(?:"
    + _START
    + r"(?:(?:episodes?|folgen?|ep|eps|[ée]pisodes?|b[öo]l[üu]m|cap[íi]tulos?|cap|epis[óo]dio"
    r"|aflevering|afl|avsnitt|episodul|odc|odcinek|epizod|серия|серии|эпизод|エピソード)"
    r"[ .:№-]{0,3}[\[(#]?|e)|#)([0-9]{1,4})(?![0-9])",
    _FLAGS,
)
#: `5. Bölüm`, `3. Folge`, `1-8 серии`.
_EPISODE_BEFORE: Final = re.compile(
    _START
    + r"(?:([0-9]{1,4})[-~])?([0-9]{1,4})"
    + r"(?:(?:-я)?[ .]{0,2}(?:b[öo]l[üu]m|seri(?:[jy]?a|[ij])|серия|серии|серий|сер|эпизод|rész)"
    + r"|[. ]{0,2}folgen?(?![ .:-]{0,3}[0-9]))"
    + _END,
    _FLAGS,
)
#: `第05話`, `第五話`, `5화`; not `全12話` and `41集全` of whole seasons.
EPISODE_CJK: Final = re.compile(
    rf"(?:第[ ]?([0-9]{{1,4}}|[一二三四五六七八九十拾{_OLD_DIGITS}]{{1,3}})[ ]?[話话集回]"
    r"|(?<=[ ])([一二三四五六七八九十]{1,3})[話话])"
    r"|(?:제[ ]?)?(?<![0-9全共])([0-9]{1,4})[ ]?[話话集화회](?!全)"
)
#: `第01-12話`.
EPISODES_CJK: Final = re.compile(r"第([0-9]{1,4})[-~]([0-9]{1,4})[話话集回]")


def episode_before_word(text: str) -> re.Match[str] | None:
    """Return an episode number before its word or between signs: `5. Bölüm`, `第05話`.

    The groups are the first number of a range and the number; of `EPISODE_CJK` the number alone.
    """
    if text.isascii():
        lowered = text.lower()
        is_possible = "bolum" in lowered or "seri" in lowered or "folge" in lowered
        return _EPISODE_BEFORE.search(text) if is_possible else None
    return EPISODES_CJK.search(text) or _EPISODE_BEFORE.search(text) or EPISODE_CJK.search(text)


#: At the start or behind the title: `No. 5`, `Kapitel 5`, `n°5`, `Teil 05`, where group 1 is a
#: word for parts too, and group 2 its number.
WEAK_WORD: Final = re.compile(
    r"(?:(teil|part|parte|partie|deel|del)|(?:no|nr|n[°º]|№|num|n[uú]m[eé]ro|nummer|kapitel"
    r"|chapter|chapitre|capitolo|hoofdstuk))[ .:-]{0,3}([0-9]{1,4})" + _END,
    _FLAGS,
)
_NUMBER_WORDS: Final = (
    (r"(?:[eé]pisode|folge|kapitel|chapter|chapitre)", _values(_NUMBERS)),
    (r"(?:epis[oó]dio|cap[ií]tulo|capitolo|b[oö]l[uü]m)", _values(_NUMBERS_SOUTH)),
)
_WORD_NUMBERS: Final = tuple(
    (re.compile(rf"{word}[ .-]{{1,3}}({'|'.join(values)})" + _END, _FLAGS), values)
    for word, values in _NUMBER_WORDS
)
_EPISODE_ORDINALS: Final = ORDINALS | {"premier": 1, "primer": 1, "tercer": 3}
_ORDINAL_EPISODE: Final = re.compile(
    rf"(?:(?:the|die|la|le|el)[ .])?({'|'.join(_EPISODE_ORDINALS)})[rns]?[ .-]"
    + r"(?:[eé]pisode|folge|epis[oó]dio|cap[ií]tulo|b[oö]l[uü]m)"
    + _END,
    _FLAGS,
)


def number_in_words(text: str, start: int) -> tuple[int, int] | None:
    """Return the episode number that is written as a word at a place, and its end.

    `Episode Three`, `Folge drei`, `Capítulo tres`, `Dritte Folge`, `Üçüncü Bölüm`.
    """
    for pattern, values in _WORD_NUMBERS:
        if match := pattern.match(text, start):
            return values[match[1].lower()], match.end()
    if match := _ORDINAL_EPISODE.match(text, start):
        return _EPISODE_ORDINALS[match[1].lower()], match.end()
    return None


#: `[HDTV][Cap.203]`: season and episode in one number.
CAP_COMPACT: Final = re.compile(
    _START + r"cap[ .]{0,2}([0-9]{1,2})([0-9]{2})(?:[ -]\1([0-9]{2}))?" + _END, _FLAGS
)
#: `5 of 12`, `1-5 of 12`.
COUNTED: Final = re.compile(
    _START
    + r"(?:([0-9]{1,3})[-~])?([0-9]{1,3})[ .]?(?:of|von|van|sur|de|din|из|iz)[ .]?([0-9]{1,4})"
    + _END,
    _FLAGS,
)
#: `Teil 5 von 12`, and `(5/12)` of broadcasters as programs write it in a file name: `(5_12)`,
#: `(5⧸12)`.
OF_TOTAL: Final = re.compile(
    r"[\[(]([0-9]{1,3})[_⧸／∕⁄]([0-9]{1,3})[\])]"
    + rf"|{_START}(?:teil|part|parte|partie)[ ._]([0-9]{{1,3}})"
    + r"[ ._](?:von|of|sur|de)[ ._]((?![12](?![0-9]))[0-9]{1,3})"
    + _END,
    _FLAGS,
)

#: A later part that is no season: `Part 2`, `Part Two`, `2nd Cour`, `第2クール`, `Final Season`.
SEQUEL: Final = re.compile(
    _START
    + r"(?:(part|teil|partie|parte|cour)[ .]{0,2}([0-9]{1,2}|[IVX]{1,4}|one|two|three|four)"
    + r"|([0-9](?=st|nd|rd|th)|second|third|fourth|zweite(?=r)|dritte(?=r))(?:st|nd|rd|th|r)?"
    + r"[ .](cour|part|teil)"
    + r"|(?:the[ .])?(final|last)[ .]season"
    + r"|第([0-9一二三四五六七八九])クール"
    + r")"
    + _END,
    _FLAGS,
)
#: A numeral between title and episode number.
NUMERAL: Final = re.compile(
    r"(?<=[ .\x00])(XI{0,3}|IX|VI{0,3}|IV|II{1,2}|R2|[2-9]|1[0-9])(?=[ .\x00-]*+\Z)"
)

_AFTER = r"(?=[ ]{0,2}(?:\Z|[\[({\x00\])}]|-[ \x00]|- ?\Z))"
#: `- 01 - OVA`: what follows an episode number and makes it a special.
SPECIAL_AFTER: Final = re.compile(
    r"[ ]{0,2}(?:-[ ]{1,2}|\()?(ova|oad|ona|ovd|specials?|sp)" + _AFTER, _FLAGS
)
#: `OVA 2`, `OVA - 01`, `OVA [03]`, `Special 03`, `SP1-2`, `Movie 001`, `Movies 8 & 10`, `Film 1`.
SPECIAL: Final = re.compile(
    _START + r"(?:(ovas?|oads?|onas?|specials?|movies?|films?)[\])]?[ ._-]{0,3}[\[(]?"
    r"|((?-i:SP)|sp(?=[0-9]{2}))[ ._-]?)"
    r"([0-9]{1,3})(?:[ ]?v([0-9]))?" + MORE + _END,
    _FLAGS,
)
#: Before an episode word: `OVA Episode 2`.
SPECIAL_BEFORE: Final = re.compile(
    _START + r"(ova|oad|ona|specials?|(?-i:SP))[\])]?[ ._-]{0,3}[\[(]?\Z", _FLAGS
)
SPECIAL_WORD: Final = re.compile(
    _START + r"(?:(ova|oad|ona|specials?|recap|movies?|film)(?:[ ]v[0-9])?"
    r"(?=[ ]{0,2}(?:\Z|[\[({\x00\])}]|-[ ]|- ?\Z))|(?-i:(SP))(?=[ ]{0,2}(?:\Z|[\[(])))" + _END,
    _FLAGS,
)
#: A film for the cinema, whatever number follows.
CINEMA: Final = re.compile(_START + r"gekijou?ban" + _END + r"|劇場版|剧场版", _FLAGS)

#: Bonus episodes, specials and recaps in Chinese and Japanese, with their number: `特典映像][01]`.
SPECIAL_CJK: Final = re.compile(
    r"(?:映像特典|特典(?:映像)?|番外[編编篇]?|特[別别][編编篇]|[総總总]集[編编篇])"
    r"(?:[\])]?[ ]?[\[(]?([0-9]{1,3})(?![0-9]))?"
)

#: Creditless openings and endings: never episodes, whatever else the name says.
CREDITLESS: Final = re.compile(
    _START + r"(?:NC(?:OP|ED)(?![a-z])|(?:creditless|clean|textless|non-?credit)[ ._-]"
    r"(?:opening|ending|OP|ED)(?![a-z])|creditless" + _END + ")",
    _FLAGS,
)
_EXTRA_WORDS = "menu|preview|vorschau|trailer|teaser|opening|ending|interview|making of|promo|bonus"
_AFTER_EXTRA = (
    r"(?:[ ._-]{1,3}(?:ep|episode|folge|vol(?:ume)?[.]?)[ ._-]{0,2})?[ ._-]?[0-9]{0,2}"
    r"(?:[a-d]|v[0-9])?"
    r"(?=[ ]{0,2}(?:\Z|[\[(\])\x00]|-[ ]))"
)
#: Openings, endings, commercials and menus, in capital letters.
EXTRA: Final = re.compile(r"(?<![^ \[(\x00-])(OP|ED|PV|CM|MENU)" + _AFTER_EXTRA)
#: The same as a word behind a dash, bracket or number: `- Opening 2`, `Ep01 Preview`.
EXTRA_WORD: Final = re.compile(
    r"(?:\A|(?<=[-\[(\x00])|(?<=[-\x00][ ])|(?<=[0-9][ ]))(" + _EXTRA_WORDS + ")" + _AFTER_EXTRA,
    _FLAGS,
)
#: The same anywhere, for names without a number.
EXTRA_LOOSE: Final = re.compile(_START + "(" + _EXTRA_WORDS + ")" + _AFTER_EXTRA, _FLAGS)

SPECIAL_FOLDERS: Final = {
    **dict.fromkeys(("special", "specials"), "special"),
    **dict.fromkeys(("ova", "ovas"), "ova"),
    **dict.fromkeys(("oad", "oads"), "oad"),
    **dict.fromkeys(("ona", "onas"), "ona"),
    **dict.fromkeys(("film", "filme", "films", "movie", "movies"), "movie"),
}


def special_mark(word: str) -> str:
    """Return the mark of a word such as `Specials`, `SP`, `OVA` or `Film`."""
    mark = word.lower().removesuffix("s")
    return {"sp": "special", "ovd": "ova", "film": "movie"}.get(mark, mark)


def cjk_number(text: str) -> int:
    """Return the number of decimal digits or Chinese numerals up to 99."""
    if text.isdecimal():
        return int(text)
    tens, has_ten, ones = text.replace("拾", "十").rpartition("十")
    return (_CJK_DIGITS.get(tens, 1) * 10 if has_ten else 0) + _CJK_DIGITS.get(ones, 0)
