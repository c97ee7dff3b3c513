"""Documents and queries in other languages than English: each word is found under its other forms."""
# ruff: noqa: RUF001 (signs of other scripts are meant)

import pytest

from retrieval.library import Library
from retrieval.readers.language import language_of
from retrieval.retriever import Retriever
from retrieval.stopwords import stop_words
from retrieval.tongues import STEMMERS, tongue_of
from retrieval.words import query_stems, query_terms, terms
from tests.retrieval.learning import COLLECTION, found_by_words, learn

GERMAN = {
    "urlaub.txt": "Vollzeitbeschäftigte haben im Jahr Anspruch auf 30 Arbeitstage Urlaub. Der Urlaub ist rechtzeitig "
    "zu beantragen und wird von der Abteilung genehmigt.",
    "frist.txt": "Die Kündigungsfrist beträgt vier Wochen zum Monatsende. Sie verlängert sich mit der Dauer der "
    "Beschäftigung und ist von beiden Seiten einzuhalten.",
    "reise.txt": "Die Kosten einer Dienstreise werden erstattet, wenn sie vor der Abfahrt genehmigt wurde und die "
    "Belege bei der Buchhaltung sind.",
}
FRENCH = {
    "conge.txt": "Le congé annuel est de vingt-cinq jours pour chaque salarié à temps plein. La demande est à faire "
    "auprès de la direction.",
    "preavis.txt": "La durée du préavis est de deux mois. Elle est la même pour le salarié et pour l'employeur.",
    "frais.txt": "Les frais de déplacement sont remboursés sur présentation des factures dans le mois qui suit.",
}
DUTCH = {
    "vakantie.txt": "Een werknemer heeft recht op vijfentwintig dagen vakantie per jaar. Een vakantiedag wordt met de "
    "leiding van de afdeling afgesproken.",
    "opzeggen.txt": "De opzegtermijn is voor de werknemer een maand en voor de werkgever twee maanden.",
    "reis.txt": "De kosten van een dienstreis worden vergoed als het reisbureau van het bedrijf de reis heeft geboekt.",
}
SPANISH = {
    "vacacion.txt": "El empleado tiene derecho a treinta días de vacación al año. La solicitud se presenta a la "
    "dirección con un mes de antelación, y no es válida sin los datos del departamento.",
    "despido.txt": "El plazo de preaviso para un despido es de quince días. La carta se entrega en mano al empleado, "
    "y no es válida por correo.",
    "viaje.txt": "Los gastos de un viaje se pagan contra factura, si el viaje fue aprobado por la dirección. No se "
    "pagan los gastos que no están en el plan del año.",
}
CHINESE = {
    "holiday.txt": "全职员工每年享有二十五天带薪年假。请提前两周向部门经理申请。",
    "notice.txt": "解除劳动合同需要提前三十天书面通知对方。",
    "travel.txt": "出差费用凭发票报销，须在出发前获得批准。",
}
JAPANESE = {
    "holiday.txt": "正社員には毎年二十五日の有給休暇があります。二週間前までに上司に申請してください。",
    "notice.txt": "契約の解約は三十日前までに書面で通知しなければなりません。",
}
THAI = {
    "holiday.txt": "พนักงานประจำมีสิทธิลาพักร้อนปีละยี่สิบห้าวัน กรุณาแจ้งล่วงหน้าสองสัปดาห์",
    "notice.txt": "การเลิกสัญญาต้องแจ้งเป็นหนังสือล่วงหน้าสามสิบวัน",
}


@pytest.mark.parametrize(
    ("files", "query", "name"),
    [
        (GERMAN, "Wie lang sind die Kündigungsfristen?", "frist.txt"),
        (GERMAN, "Urlaubs", "urlaub.txt"),
        (GERMAN, "Kündigungsfristen", "frist.txt"),
        (GERMAN, "Dienstreisen", "reise.txt"),
        (FRENCH, "congés", "conge.txt"),
        (FRENCH, "conges annuels", "conge.txt"),
        (FRENCH, "Quelles sont les durées de préavis ?", "preavis.txt"),
        (DUTCH, "opzegtermijnen", "opzeggen.txt"),
        (DUTCH, "Hoeveel vakantiedagen heb ik?", "vakantie.txt"),
        (SPANISH, "vacaciones", "vacacion.txt"),
        (SPANISH, "¿Qué plazos tienen los despidos?", "despido.txt"),
        (CHINESE, "年假有多少天", "holiday.txt"),
        (CHINESE, "劳动合同", "notice.txt"),
        (JAPANESE, "有給休暇は何日ですか", "holiday.txt"),
        (THAI, "ลาพักร้อน", "holiday.txt"),
    ],
)
def test_a_query_finds_the_words_of_documents_in_its_language_in_other_forms(
    library: Library, files: dict[str, str], query: str, name: str
) -> None:
    learn(library, files)
    assert found_by_words(library, query)[:1] == [name]


@pytest.mark.parametrize(
    ("files", "language"),
    [(GERMAN, "de"), (FRENCH, "fr"), (DUTCH, "nl"), (SPANISH, "es"), (CHINESE, ""), (JAPANESE, ""), (THAI, "")],
)
def test_a_collection_tells_in_which_languages_its_words_are_cut(
    library: Library, files: dict[str, str], language: str
) -> None:
    learn(library, files)
    assert library.chunks.finder.languages([COLLECTION]) == ([language] if language else [])
    assert library.chunks.finder.languages(["another"]) == []


def test_documents_of_several_languages_are_found_together(library: Library, retriever: Retriever) -> None:
    english = {"leave.txt": "The notice of a dismissal is in writing. It is for the lead of the office to sign it."}
    learn(library, GERMAN | FRENCH | english)
    assert library.chunks.finder.languages([COLLECTION]) == ["de", "fr"]
    for query, name in (("Dienstreisen", "reise.txt"), ("factures", "frais.txt"), ("dismissals", "leave.txt")):
        assert retriever.search(query, collection_ids=[COLLECTION])[0].document == name


def test_a_search_of_english_documents_does_not_know_of_other_languages_elsewhere(
    library: Library, retriever: Retriever
) -> None:
    files = {
        f"{n}.txt": f"The policies of the office number {n} are for the people in it. {'It is. ' * n}" for n in range(9)
    }
    learn(library, files)
    before = retriever.search("Which policy is for the offices?", collection_ids=[COLLECTION])
    learn(library, GERMAN, collection_id="elsewhere")
    assert retriever.search("Which policy is for the offices?", collection_ids=[COLLECTION]) == before
    assert query_stems("policies of war").keys() == dict.fromkeys(query_terms("policies of war")).keys()
    assert all(stems == (term,) for term, stems in query_stems("Which policy is for the offices?").items())


def test_an_english_text_with_words_of_another_language_stays_english() -> None:
    text = "Professional sports teams in Los Angeles and San Jose: los Lakers, las Sparks and el Galaxy of the league."
    assert tongue_of(text) == ""
    assert tongue_of("Muslim League: Aga Khan III (leader of British-Indian delegation), Maulana Mohammad Ali") == ""


def test_a_document_in_another_script_is_cut_by_its_own_rules() -> None:
    text = "Сотрудникам предоставляется ежегодный отпуск двадцать восемь дней."
    assert tongue_of(text) == "ru"
    assert set(terms("отпуска", language="ru")) <= set(terms(text.replace("отпуск ", "отпуском "), language="ru"))


def test_every_stemmer_is_there_and_leaves_numbers_and_codes_alone() -> None:
    for language in STEMMERS:
        assert terms("4711 sf1012", language=language) == ["4711", "sf1012"]
        assert language_of("") == ""


def test_one_function_word_is_enough_in_the_language_of_the_documents() -> None:
    assert stop_words(["urlaub", "im", "jahr"]) == stop_words([])
    assert "im" in stop_words(["urlaub", "im", "jahr"], held=["de"])
    assert "im" not in stop_words(["the", "im"], held=["de"])
    assert query_stems("och att Rotterdam", ["sv"]).keys() == {"rotterdam"}
