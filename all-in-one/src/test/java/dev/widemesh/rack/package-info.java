@NullMarked
package dev.widemesh.rack;

import org.jspecify.annotations.NullMarked;
