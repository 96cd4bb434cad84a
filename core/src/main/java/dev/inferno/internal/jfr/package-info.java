/// Events for the JDK's flight recorder: one type each for a load, the prefill and each decode step
/// of a generation, and the generation. Disabled until a recording enables them by name:
///
/// ```
/// java -XX:StartFlightRecording:filename=run.jfr,+dev.inferno.DecodeStep#enabled=true ...
/// ```
///
/// While they are disabled, or without a recording, each costs one branch: the object that stands
/// for an event is then a shared one, which is never written. Scalars only.
@org.jspecify.annotations.NullMarked
package dev.inferno.internal.jfr;
