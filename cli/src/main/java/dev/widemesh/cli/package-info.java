/// `mesh`: says to the controller what people want, and to people what the controller says.
///
/// Thin on purpose. Only the chosen command's classes are loaded: see [Verb].
@NullMarked
package dev.widemesh.cli;

import org.jspecify.annotations.NullMarked;
