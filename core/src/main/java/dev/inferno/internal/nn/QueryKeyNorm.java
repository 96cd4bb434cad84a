package dev.inferno.internal.nn;

/// Norms of the queries and of the keys before they are rotated, which keep attention's scores from
/// growing.
public record QueryKeyNorm(HeadNorm query, HeadNorm key) {}
