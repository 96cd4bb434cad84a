package dev.inferno.internal.nn;

/// Norms of the queries and of the keys before they are rotated, which keep attention's scores from
/// growing. Each gain is as long as what is normed at once: a head, or all heads of a row.
public record QueryKeyNorm(RmsNorm query, RmsNorm key) {}
