@NullMarked
package dev.widemesh.cli;

import org.jspecify.annotations.NullMarked;
