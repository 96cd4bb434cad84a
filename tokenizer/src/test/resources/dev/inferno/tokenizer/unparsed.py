"""What SentencePiece makes of texts with special tokens in them, which it takes as text.

    python unparsed.py ugm_small.vocab.gguf.gz ugm_small.expected.json.gz ugm_small.unparsed.json

The model is put together again from the vocabulary. Only those texts are written whose ids are not
in the file of expected ids already.
"""

import gzip
import json
import sys
import tempfile

import gguf
import sentencepiece
from sentencepiece import sentencepiece_model_pb2 as pb


def model(vocabulary):
    with tempfile.NamedTemporaryFile(suffix=".gguf") as file:
        file.write(gzip.open(vocabulary).read())
        file.flush()
        fields = gguf.GGUFReader(file.name).fields
        key = "tokenizer.ggml."
        proto = pb.ModelProto()
        pieces = zip(
            fields[key + "tokens"].contents(),
            fields[key + "scores"].contents(),
            fields[key + "token_type"].contents(),
        )
        for piece, score, kind in pieces:
            proto.pieces.add(piece=piece, score=score, type=kind)
        proto.trainer_spec.model_type = pb.TrainerSpec.UNIGRAM
        proto.trainer_spec.byte_fallback = True
        proto.trainer_spec.unk_id = fields[key + "unknown_token_id"].contents()
        proto.trainer_spec.eos_id = fields[key + "eos_token_id"].contents()
        proto.trainer_spec.pad_id = fields[key + "padding_token_id"].contents()
        proto.trainer_spec.bos_id = -1
        charsmap = bytes(x & 0xFF for x in fields[key + "precompiled_charsmap"].contents())
        proto.normalizer_spec.precompiled_charsmap = charsmap
        proto.normalizer_spec.add_dummy_prefix = True
        proto.normalizer_spec.remove_extra_whitespaces = True
        proto.normalizer_spec.escape_whitespaces = True
    return sentencepiece.SentencePieceProcessor(model_proto=proto.SerializeToString())


def main(vocabulary, expected, result):
    processor = model(vocabulary)
    cases = json.load(gzip.open(expected))["cases"]
    unparsed = {
        case["name"]: processor.encode(case["text"])
        for case in cases
        if "text" in case and "ids_no_parse" in case
    }
    with open(result, "w", encoding="utf-8") as file:
        json.dump(unparsed, file, separators=(",", ":"))
        file.write("\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
