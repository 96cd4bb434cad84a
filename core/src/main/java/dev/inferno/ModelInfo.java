package dev.inferno;

/// What a model is. Immutable.
///
/// @param name the name in its metadata, or its file's name
/// @param architecture the architecture, such as `llama`
/// @param layers how many blocks
/// @param width the length of the residual stream
/// @param heads how many query heads
/// @param keyValueHeads how many key and value heads; each serves `heads / keyValueHeads` query
///   heads
/// @param headSize the length of a head's query, key and value
/// @param feedForward the width of the feed-forward
/// @param vocabulary how many tokens
/// @param contextLength how many positions it was trained for
/// @param parameters how many numbers its tensors hold
/// @param sizeBytes how many bytes its tensors have
/// @param quantization the element types of its matrices, the commonest first, such as `Q4_1, Q8_0`
public record ModelInfo(
    String name,
    String architecture,
    int layers,
    int width,
    int heads,
    int keyValueHeads,
    int headSize,
    int feedForward,
    int vocabulary,
    int contextLength,
    long parameters,
    long sizeBytes,
    String quantization) {}
