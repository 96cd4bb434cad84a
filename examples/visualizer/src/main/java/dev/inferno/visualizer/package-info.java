/// A page that shows a model generating, and the server behind it. Fed by the public API of core
/// alone: whatever it shows, any visualizer can show. What goes over the wire is described in
/// `docs/guides/wire.md`.
@NullMarked
package dev.inferno.visualizer;

import org.jspecify.annotations.NullMarked;
