"""Makes components.json.gz: small tokenizers, one for each part that a tokenizer.json can name, and
what Hugging Face's `tokenizers` makes of some texts with them.

    python make_components.py components.json.gz
"""
import gzip
import json
import random
import sys

import tokenizers
from tokenizers import Tokenizer


TEXTS = [
    "",
    " ",
    "Hello, World! 123",
    " two  blanks\t\nand more \n ",
    "na\u00efve caf\u00e9 \u2014 \ufb01ne \u216b \u00bd\u00b2",
    "\u6f22\u5b57\u304b\u306a\u30ab\u30ca \u4e2d\u6587 English\u30fc",
    "\u0130stanbul \u015eI\u015eLI \u00df \u1e9e \u03a3\u03a3",
    "a\x00b\ufffdc\u200dd\u00ade\ue000f\x07g\x7fh\x85i\u2028j",
    "emoji \U0001f469\u200d\U0001f469\u200d\U0001f467 \U0001f1e9\U0001f1ea e\u0301",
    "\ud55c\uad6d\uc5b4 \u1112\u1161\u11ab",
    "\u2581already\u2581there \u2581\u2581x",
    "e\u0301\u0323 \uff76\uff9e \u0e33\u0e49",
    "'tis don't WE'LL <x> y's",
    "x\u00b2+y\u00b3=z\u2081 \u0661\u0662\u0663 7-8_9",
    "under_score-dash/slash--end.",
    "\r\n\r\nline\u3000wide",
    "aaa bbb  ccc aab",
    "<s>hi </s> [MASK]  [mask]x <s>",
]


def base(**parts):
    file = {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [],
        "normalizer": None,
        "pre_tokenizer": None,
        "post_processor": None,
        "decoder": None,
        "model": None,
    }
    file.update(parts)
    return file


def loaded(file):
    return Tokenizer.from_str(json.dumps(file))


def pieces(file, texts):
    """Every piece that the parts before the model give, so that ids tell pieces apart."""
    probe = dict(file, model={"type": "WordLevel", "vocab": {"<unk>": 0}, "unk_token": "<unk>"})
    tokenizer = loaded(probe)
    found = {}
    for text in texts:
        if tokenizer.normalizer is not None:
            text = tokenizer.normalizer.normalize_str(text)
        split = [(text, None)]
        if tokenizer.pre_tokenizer is not None:
            split = tokenizer.pre_tokenizer.pre_tokenize_str(text)
        for piece, _ in split:
            found.setdefault(piece)
    return [piece for piece in found if piece != "<unk>" and piece != ""]


def words(file):
    vocab = {"<unk>": 0}
    for piece in pieces(file, TEXTS):
        vocab[piece] = len(vocab)
    return dict(file, model={"type": "WordLevel", "vocab": vocab, "unk_token": "<unk>"})


def split(pattern, behavior, invert=False):
    kind = "Regex" if pattern.startswith("/") else "String"
    return {
        "type": "Split",
        "pattern": {kind: pattern.lstrip("/")},
        "behavior": behavior,
        "invert": invert,
    }


ALPHABET = sorted({c for text in TEXTS for c in text if c not in "gh\u00df\U0001f469\u6587"})


def bpe(merges, extra=(), **options):
    vocab = {}
    for token in ["<unk>", *ALPHABET, *extra]:
        vocab.setdefault(token, len(vocab))
    prefix = options.get("continuing_subword_prefix") or ""
    for a, b in merges:
        for token in (a, b, a + b[len(prefix):]):
            vocab.setdefault(token, len(vocab))
    model = {
        "type": "BPE",
        "dropout": None,
        "unk_token": None,
        "continuing_subword_prefix": None,
        "end_of_word_suffix": None,
        "fuse_unk": False,
        "byte_fallback": False,
        "ignore_merges": False,
        "vocab": vocab,
        "merges": [list(merge) for merge in merges],
    }
    model.update(options)
    return model


BYTES = [f"<0x{octet:02X}>" for octet in range(256)]
MERGES = [("a", "a"), ("b", "b"), ("aa", "a"), ("l", "l"), ("e", "ll"), ("H", "ell"), ("Hell", "o"), ("aa", "b")]
CUT = {"type": "WhitespaceSplit"}


def normalizers():
    yield "bert", {"type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True, "strip_accents": None, "lowercase": True}
    yield "bert cased", {"type": "BertNormalizer", "clean_text": False, "handle_chinese_chars": True, "strip_accents": True, "lowercase": False}
    yield "bert bare", {"type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": False, "strip_accents": False, "lowercase": True}
    for left, right in ((True, True), (True, False), (False, True)):
        yield f"strip {left} {right}", {"type": "Strip", "strip_left": left, "strip_right": right}
    for name in ("StripAccents", "NFC", "NFD", "NFKC", "NFKD", "Lowercase", "Nmt", "ByteLevel"):
        yield name, {"type": name}
    yield "accents", {"type": "Sequence", "normalizers": [{"type": "NFKD"}, {"type": "StripAccents"}, {"type": "Lowercase"}]}
    yield "replace text", {"type": "Replace", "pattern": {"String": "ll"}, "content": "LLL"}
    yield "replace regex", {"type": "Replace", "pattern": {"Regex": "\\s+|[0-9]"}, "content": ""}
    yield "prepend", {"type": "Prepend", "prepend": "\u2581"}
    yield "no steps", {"type": "Sequence", "normalizers": []}


def pre_tokenizers():
    yield "bert", {"type": "BertPreTokenizer"}
    for prefix in (False, True):
        for regex in (False, True):
            yield f"byte level {prefix} {regex}", {"type": "ByteLevel", "add_prefix_space": prefix, "trim_offsets": True, "use_regex": regex}
    yield "delimiter", {"type": "CharDelimiterSplit", "delimiter": "l"}
    for scheme in ("always", "first", "never"):
        for cuts in (False, True):
            yield f"metaspace {scheme} {cuts}", {"type": "Metaspace", "replacement": "\u2581", "prepend_scheme": scheme, "split": cuts}
    yield "metaspace of old", {"type": "Metaspace", "replacement": "_", "add_prefix_space": True}
    for name in ("Whitespace", "WhitespaceSplit", "UnicodeScripts"):
        yield name, {"type": name}
    for individual in (False, True):
        yield f"digits {individual}", {"type": "Digits", "individual_digits": individual}
    for behavior in ("Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous"):
        yield f"punctuation {behavior}", {"type": "Punctuation", "behavior": behavior}
        for invert in (False, True):
            yield f"split text {behavior} {invert}", split("l", behavior, invert)
            yield f"split regex {behavior} {invert}", split("/\\w+|\\p{P}", behavior, invert)
    for number, regex in enumerate(REGEXES):
        yield f"regex {number}", split("/" + regex, "Isolated")
    yield "fixed length", {"type": "FixedLength", "length": 3}
    yield "falcon", {
        "type": "Sequence",
        "pretokenizers": [
            {"type": "Punctuation", "behavior": "Contiguous"},
            {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True},
            {"type": "Digits", "individual_digits": False},
            split("/[0-9][0-9][0-9]", "Isolated"),
        ],
    }
    yield "deepseek", {
        "type": "Sequence",
        "pretokenizers": [
            split("/[\r\n]", "Isolated"),
            split("/\\s?\\p{L}+", "Isolated"),
            split("/\\s?\\p{P}+", "Isolated"),
            split("/[\u4e00-\u9fa5\u0800-\u4e00\uac00-\ud7ff]+", "Isolated"),
            {"type": "Digits", "individual_digits": True},
            {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": False},
        ],
    }


REGEXES = [
    "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
    "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+|[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
    "\\p{Han}+|\\p{Hiragana}|[^\\p{Han}\\s]&&[^a]|[\\h]",
    "[[:punct:]]|[[:alpha:]a]+|\\d{2}+|[^\\S\\n]+$",
    " ?[^(\\s|[.,!?\u2026\u3002\uff0c\u3001\u0964\u06d4\u060c])]+",
    "\\p{^L}{,2}|.",
    "(?m:.)|^l",
    "[a-z&&[^l]]+|\\b",
]


def models():
    for cut in (None, CUT):
        kind = "cut" if cut else "whole"
        yield f"bpe {kind}", base(model=bpe(MERGES), pre_tokenizer=cut)
        yield f"bpe unk {kind}", base(model=bpe(MERGES, unk_token="<unk>"), pre_tokenizer=cut)
        yield f"bpe fused {kind}", base(model=bpe(MERGES, unk_token="<unk>", fuse_unk=True), pre_tokenizer=cut)
        yield f"bpe bytes {kind}", base(model=bpe(MERGES, BYTES, unk_token="<unk>", fuse_unk=True, byte_fallback=True), pre_tokenizer=cut)
        yield f"bpe few bytes {kind}", base(model=bpe(MERGES, BYTES[:0x80] + BYTES[0xC0:0xC4] + BYTES[0x9F:0xA0], unk_token="<unk>", fuse_unk=True, byte_fallback=True), pre_tokenizer=cut)
        yield f"bpe whole pieces {kind}", base(model=bpe(MERGES, ["World!", "aaa"], ignore_merges=True), pre_tokenizer=cut)
    marked = [("a", "##a"), ("aa", "##a"), ("H", "##e"), ("##l", "##l"), ("He", "##ll"), ("Hell", "##o")]
    yield "bpe prefix", base(model=bpe(marked, ["##" + c for c in ALPHABET], continuing_subword_prefix="##", unk_token="<unk>"), pre_tokenizer=CUT)
    ended = [("a", "a"), ("a", "a</w>"), ("a", "aa</w>"), ("b", "b"), ("H", "e"), ("l", "l"), ("ll", "o</w>")]
    yield "bpe suffix", base(model=bpe(ended, [c + "</w>" for c in ALPHABET], end_of_word_suffix="</w>", unk_token="<unk>"), pre_tokenizer=CUT)
    spaced = [("\u2581", "a"), ("a", "a"), ("a", "\u2581"), ("\u2581", "\u2581")]
    metaspace = {"type": "Metaspace", "replacement": "\u2581", "prepend_scheme": "first", "split": False}
    sentence = {"type": "Sequence", "normalizers": [{"type": "Prepend", "prepend": "\u2581"}, {"type": "Replace", "pattern": {"String": " "}, "content": "\u2581"}]}
    fused = {"type": "Sequence", "decoders": [{"type": "Replace", "pattern": {"String": "\u2581"}, "content": " "}, {"type": "ByteFallback"}, {"type": "Fuse"}, {"type": "Strip", "content": " ", "start": 1, "stop": 0}]}
    for merges in (MERGES + spaced[:2], MERGES + spaced):
        known = bpe(merges, BYTES, unk_token="<unk>", fuse_unk=True, byte_fallback=True)
        yield f"pieces {len(merges)}", base(model=known, normalizer=sentence, decoder=fused)
        for scheme in ("always", "first", "never"):
            yield f"pieces {scheme} {len(merges)}", base(model=known, pre_tokenizer=dict(metaspace, prepend_scheme=scheme), decoder=fused)
        yield f"pieces gemma {len(merges)}", base(
            model=known,
            normalizer={"type": "Replace", "pattern": {"String": " "}, "content": "\u2581"},
            pre_tokenizer=split(" ", "MergedWithPrevious"),
            decoder=dict(fused, decoders=fused["decoders"][:3]),
        )
    pieces_ = ["<unk>", "<0x0A>", "a", "aa", "aaa", "b", "bb", "\u2581", "\u2581a", "\u2581b", "H", "e", "l", "o", "ell", "Hello", "lo", ",", "World", "r"]
    scored = [[piece, -0.37 * number - 0.1 * (number % 3)] for number, piece in enumerate(pieces_)]
    metaspace = dict(metaspace, prepend_scheme="always", split=True)
    yield "unigram", base(model={"type": "Unigram", "unk_id": 0, "vocab": scored}, pre_tokenizer=metaspace)
    every = scored + [[octet, -9.0] for octet in BYTES if octet != "<0x0A>"]
    yield "unigram bytes", base(model={"type": "Unigram", "unk_id": 0, "vocab": every, "byte_fallback": True}, pre_tokenizer=metaspace)
    yield "unigram bytes off", base(model={"type": "Unigram", "unk_id": 0, "vocab": every, "byte_fallback": False}, pre_tokenizer=metaspace)
    starts = {token: number for number, token in enumerate(["[UNK]", "Hello", "He", "##llo", "W", "##or", "##ld", "##l", "a", "##a", "##aa", "1", "##23", "b", "##b", "\u6f22", "##\u5b57"])}
    yield "word pieces", base(model={"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##", "max_input_chars_per_word": 5, "vocab": starts}, pre_tokenizer={"type": "BertPreTokenizer"})
    plain = {token.replace("##", ""): number for number, token in enumerate(starts) if not token.endswith(("##a", "##b", "##aa"))}
    yield "word pieces unmarked", base(model={"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "", "max_input_chars_per_word": 100, "vocab": plain}, pre_tokenizer={"type": "BertPreTokenizer"})


def token(number, content, **options):
    added = {"id": number, "content": content, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": False}
    added.update(options)
    return added


def added():
    lower = {"type": "Lowercase"}
    model = bpe(MERGES)
    size = len(model["vocab"])
    cases = {
        "plain": [token(size, "<s>", special=True), token(size + 1, "</s>", special=True), token(size + 2, "[MASK]")],
        "lstrip": [token(size, "<s>", special=True, lstrip=True), token(size + 1, "[MASK]", lstrip=True)],
        "rstrip": [token(size, "<s>", special=True, rstrip=True), token(size + 1, "[MASK]", rstrip=True), token(size + 2, "</s>", special=True, rstrip=True)],
        "both": [token(size, "</s>", special=True, lstrip=True, rstrip=True), token(size + 1, "[mask]", lstrip=True, rstrip=True)],
        "single word": [token(size, "[mask]", single_word=True), token(size + 1, "aa", single_word=True), token(size + 2, "x", single_word=True, normalized=True)],
        "normalized": [token(size, "[MASK]", normalized=True), token(size + 1, "<S>", normalized=True, special=True), token(size + 2, "ELL", normalized=True, lstrip=True)],
        "of the model": [token(model["vocab"]["aa"], "aa", special=True), token(model["vocab"]["l"], "l", normalized=True)],
        "nested": [token(size, "<s>"), token(size + 1, "<s>hi"), token(size + 2, "i", special=True), token(size + 3, "s>hi </s>")],
    }
    for tokens in cases.values():
        for one in tokens:
            one["id"] = model["vocab"].get(one["content"], one["id"])
    for name, tokens in cases.items():
        yield f"{name}", base(model=model, added_tokens=tokens)
        yield f"{name} lowercase", base(model=model, added_tokens=tokens, normalizer=lower)
    yield "prepended", base(
        model=model,
        added_tokens=[token(size, "<s>", special=True, normalized=True), token(size + 1, "</s>", special=True)],
        normalizer={"type": "Sequence", "normalizers": [{"type": "Prepend", "prepend": "\u2581"}, {"type": "Replace", "pattern": {"String": " "}, "content": "\u2581"}]},
    )
    yield "after a token", base(
        model=model,
        added_tokens=[token(size, "<s>", special=True), token(size + 1, "hi", rstrip=True)],
        pre_tokenizer={"type": "Metaspace", "replacement": "\u2581", "prepend_scheme": "first", "split": True},
    )


def processors():
    model = bpe(MERGES, ["[CLS]", "[SEP]", "[X]"])
    ids = model["vocab"]
    around = {"sep": ["[SEP]", ids["[SEP]"]], "cls": ["[CLS]", ids["[CLS]"]]}
    special = [token(ids[name], name, special=True) for name in ("[CLS]", "[SEP]", "[X]")]

    def one(name):
        return {"SpecialToken": {"id": name, "type_id": 0}}

    a, b = {"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}
    template = {
        "type": "TemplateProcessing",
        "single": [one("[CLS]"), one("two"), a, one("[SEP]")],
        "pair": [one("[CLS]"), a, one("[SEP]"), b],
        "special_tokens": {
            "[CLS]": {"id": "[CLS]", "ids": [ids["[CLS]"]], "tokens": ["[CLS]"]},
            "[SEP]": {"id": "[SEP]", "ids": [ids["[SEP]"]], "tokens": ["[SEP]"]},
            "two": {"id": "two", "ids": [ids["[X]"], ids["[SEP]"]], "tokens": ["[X]", "[SEP]"]},
        },
    }
    level = {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": False, "use_regex": True}
    for name, processor in (
        ("bert", dict(around, type="BertProcessing")),
        ("roberta", dict(around, type="RobertaProcessing", trim_offsets=True, add_prefix_space=False)),
        ("template", template),
        ("byte level", level),
        ("sequence", {"type": "Sequence", "processors": [level, dict(around, type="BertProcessing"), template]}),
    ):
        yield name, base(model=model, added_tokens=special, post_processor=processor)


def decoders():
    words_ = ["\u2581Hello", "\u2581", "Hello", "##ing", "##s", ".", "n't", "'", "do", "not", "<0x41>", "<0xE6>", "<0xBC>", "<0xA2>", "<0xFF>", "<pad>", "|", "l", "x</w>", "y</w>", "\u0120the", "\u00c3", "\u00a9", "\u00e6\u00bc", "  two ", "\u2581\u2581a", "<s>", "\u6f22", " b", "_c_"]
    model = {"type": "WordLevel", "unk_token": "<s>", "vocab": {word: number for number, word in enumerate(words_)}}
    special = [token(words_.index("<s>"), "<s>", special=True)]
    replace = {"type": "Replace", "pattern": {"String": "\u2581"}, "content": " "}
    for name, decoder in (
        ("none", None),
        ("bpe", {"type": "BPEDecoder", "suffix": "</w>"}),
        ("byte level", {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True}),
        ("word pieces", {"type": "WordPiece", "prefix": "##", "cleanup": True}),
        ("word pieces untidy", {"type": "WordPiece", "prefix": "##", "cleanup": False}),
        ("metaspace", {"type": "Metaspace", "replacement": "\u2581", "prepend_scheme": "always", "split": True}),
        ("metaspace never", {"type": "Metaspace", "replacement": "_", "prepend_scheme": "never", "split": True}),
        ("ctc", {"type": "CTC", "pad_token": "<pad>", "word_delimiter_token": "|", "cleanup": True}),
        ("ctc untidy", {"type": "CTC", "pad_token": "<pad>", "word_delimiter_token": "|", "cleanup": False}),
        ("replace", {"type": "Replace", "pattern": {"Regex": "l+|_"}, "content": "-"}),
        ("fuse", {"type": "Fuse"}),
        ("strip", {"type": "Strip", "content": "_", "start": 1, "stop": 1}),
        ("byte fallback", {"type": "ByteFallback"}),
        ("pieces", {"type": "Sequence", "decoders": [replace, {"type": "ByteFallback"}, {"type": "Fuse"}, {"type": "Strip", "content": " ", "start": 1, "stop": 0}]}),
        ("pieces unstripped", {"type": "Sequence", "decoders": [replace, {"type": "ByteFallback"}, {"type": "Fuse"}]}),
    ):
        yield name, base(model=model, added_tokens=special, decoder=decoder)


def all_files():
    for name, normalizer in normalizers():
        yield "normalizer " + name, words(base(normalizer=normalizer))
        yield "normalizer " + name + " cut", words(base(normalizer=normalizer, pre_tokenizer=CUT))
    for name, pre_tokenizer in pre_tokenizers():
        yield "pre-tokenizer " + name, words(base(pre_tokenizer=pre_tokenizer))
    for name, file in models():
        yield "model " + name, file
    for name, file in added():
        yield "added " + name, file
    for name, file in processors():
        yield "processor " + name, file
    for name, file in decoders():
        yield "decoder " + name, file




def described(name, file, random_):
    tokenizer = loaded(file)
    plain = loaded(file)
    plain.encode_special_tokens = True
    cases = []
    for text in TEXTS:
        encoding = tokenizer.encode(text, add_special_tokens=False)
        case = {"text": text, "ids": encoding.ids}
        whole = tokenizer.encode(text).ids
        unparsed = plain.encode(text, add_special_tokens=False).ids
        if whole != encoding.ids:
            case["ids_add_special"] = whole
        if unparsed != encoding.ids:
            case["ids_no_parse"] = unparsed
        cases.append(case)
    decode = []
    size = len(file["model"]["vocab"])
    for _ in range(40 if name.startswith("decoder") else 4):
        ids = [random_.randrange(size) for _ in range(random_.randrange(9))]
        decode.append({"ids": ids, "decoded": tokenizer.decode(ids, False), "skipped": tokenizer.decode(ids, True)})
    return {"name": name, "tokenizer": file, "cases": cases, "decode": decode}


def main(path):
    random_ = random.Random(20260712)
    files = [described(name, file, random_) for name, file in all_files()]
    result = {"tokenizers_version": tokenizers.__version__, "files": files}
    with open(path, "wb") as raw, gzip.GzipFile("", "wb", 9, raw, 0) as out:
        out.write(json.dumps(result, ensure_ascii=True, separators=(",", ":")).encode())
    print(len(files), "tokenizers,", sum(len(file["cases"]) for file in files), "texts")


main(sys.argv[1])
