@NullMarked
package dev.widemesh.router;

import org.jspecify.annotations.NullMarked;
