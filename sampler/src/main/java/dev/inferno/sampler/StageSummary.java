package dev.inferno.sampler;

import java.util.Map;

/// What a stage did to the number of candidates. Immutable.
///
/// @param name the name of the stage
/// @param parameters its parameters
/// @param entered how many candidates it met
/// @param kept how many it left
public record StageSummary(String name, Map<String, Object> parameters, int entered, int kept) {}
