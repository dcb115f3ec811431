@NullMarked
package dev.widemesh.allinone;

import org.jspecify.annotations.NullMarked;
