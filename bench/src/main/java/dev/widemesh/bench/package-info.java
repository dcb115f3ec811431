/// Measures the platform as a person meets it, beside the floor of the same machine.
@NullMarked
package dev.widemesh.bench;

import org.jspecify.annotations.NullMarked;
