"""Cuts texts as every pre-tokenizer does, with the regular expressions of Hugging Face `tokenizers`.

    python splits.py llamacpp-pre-tokenizers.json corpus_a.json.gz splits.json.gz

The expressions are those of the table of names; where it has an adaptation of a published one,
the published one.
"""

import gzip
import json
import random
import sys

import tokenizers
from tokenizers import Regex, pre_tokenizers

ADAPTED_CONTRACTION = "(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])"
CONTRACTION = "(?i:'s|'t|'re|'ve|'m|'ll|'d)"
UPPER = r"\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}"
LOWER = r"\p{Ll}\p{Lm}\p{Lo}\p{M}"
BLANKS = r"|\s*[\r\n]+|\s+(?!\S)|\s+"
GPT4O = (
    rf"[^\r\n\p{{L}}\p{{N}}]?[{UPPER}]*[{LOWER}]+{CONTRACTION}?"
    rf"|[^\r\n\p{{L}}\p{{N}}]?[{UPPER}]+[{LOWER}]*{CONTRACTION}?"
    r"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*" + BLANKS
)
KIMI = (
    r"[\p{Han}]+"
    rf"|[^\r\n\p{{L}}\p{{N}}]?[{UPPER}&&[^\p{{Han}}]]*[{LOWER}&&[^\p{{Han}}]]+{CONTRACTION}?"
    rf"|[^\r\n\p{{L}}\p{{N}}]?[{UPPER}&&[^\p{{Han}}]]+[{LOWER}&&[^\p{{Han}}]]*{CONTRACTION}?"
    r"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*" + BLANKS
)
PUBLISHED = {
    "GPT4O": [GPT4O],
    "MINIMAX_M2": [GPT4O],
    "GRANITE_EMB_MULTI": [GPT4O],
    "KIMI_K2": [KIMI],
}
# Without the look-ahead that llama.cpp has in code instead of an expression.
GROUPS_OF_THREE = r"\p{N}{1,3}(?=(?:\p{N}{3})*(?!\p{N}))"

ALPHABET = [
    " ", "  ", "     ", "\n", "\n\n", "\r\n", "\t", "\u00a0", "\u3000", "\u0085", "\u2028",
    "a", "b", "Z", "AB", "é", "É", "ſ", "漢", "字", "々", "⼀", "〇", "か", "カ", "한", "ㄱ", "ㄅ",
    "ก", "ລ", "ខ", "မ", "ǅ", "ʰ", "e\u0301", "\u0301", "\u093e", "1", "22", "345", "1234567", "½",
    "٣", "٤٥٦٧", "Ⅷ", "²", "'", "'s", "'S", "'ſ", "'re", "'LL", "'l", "’s", ".", ",", "!", "$",
    "+", "|", "_", "¿", "/", "//", "…", "。", "，", "！", "“", "`", "(", "[", "&&", "\\", "😀", "👍🏽",
    "\u200b", "\u200d", "\ufffd", "\u0000", "ª", "\U00010400", "\U00020000", "λ", "Σ", "ж", "ß",
    "א", "ع", "<sentinel:12>", "IMGIMGABZ", "µ", "Ω", "ﬁ", "Ａ", "ａ", "～", "K",
]  # fmt: skip


def expressions(kind, facts):
    if kind in PUBLISHED:
        return PUBLISHED[kind]
    entry = facts["regex"][kind]
    result = []
    for expression in entry.get("hf_original", entry["llamacpp"]):
        if expression == r"\p{AFMoE_digits}":
            expression = GROUPS_OF_THREE
        result.append(expression.replace(ADAPTED_CONTRACTION, CONTRACTION))
    return result


def main(facts_file, corpus_file, result_file):
    with open(facts_file, encoding="utf-8") as file:
        facts = json.load(file)
    with gzip.open(corpus_file, "rt", encoding="utf-8") as file:
        corpus = json.load(file)["cases"]
    texts = [case["text"] for case in corpus if 3 < len(case["text"]) <= 200]
    rng = random.Random(5)
    for _ in range(120):
        texts.append("".join(rng.choice(ALPHABET) for _ in range(rng.randint(2, 25))))
    texts = [text for text in texts if not any("\ud800" <= c <= "\udfff" for c in text)]
    splits = {}
    kinds = {}
    for kind in facts["regex"]:
        if facts["regex"][kind].get("byte_encode") is False:
            continue
        patterns = expressions(kind, facts)
        splitter = pre_tokenizers.Sequence(
            [pre_tokenizers.Split(Regex(pattern), "isolated") for pattern in patterns]
        )
        cut = [
            [len(piece.encode()) for piece, _ in splitter.pre_tokenize_str(text)] for text in texts
        ]
        # Many kinds cut alike.
        kinds[kind] = next((other for other, others in splits.items() if others == cut), kind)
        splits.setdefault(kinds[kind], cut)
    names = {
        name: kinds[entry["type"]]
        for name, entry in facts["names"].items()
        if entry["type"] in kinds
    }
    result = {
        "meta": {"tokenizers_version": tokenizers.__version__},
        "names": names,
        "texts": texts,
        "splits": splits,
    }
    with gzip.GzipFile(result_file, "wb", mtime=0) as file:
        file.write(json.dumps(result, ensure_ascii=False, separators=(",", ":")).encode())


if __name__ == "__main__":
    main(*sys.argv[1:])
