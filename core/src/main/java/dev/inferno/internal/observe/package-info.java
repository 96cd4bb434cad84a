/// How plans and interventions meet the forward pass: compiled tables, borrowed views, the counting
/// of events.
@org.jspecify.annotations.NullMarked
package dev.inferno.internal.observe;
