/// The parts that a `tokenizer.json` puts together, over text alone: normalizers, splitters of text
/// into pieces, decoders, and the JSON that names them. Not exported.
///
/// A part is a small class that does what the file's `type` says; {@link
/// dev.inferno.tokenizer.huggingface.Normalizers}, {@link
/// dev.inferno.tokenizer.huggingface.TextSplitters} and {@link
/// dev.inferno.tokenizer.huggingface.Decoders} know all types there are.
@NullMarked
package dev.inferno.tokenizer.huggingface;

import org.jspecify.annotations.NullMarked;
