/// Starts the parts together: the supervisor, and the processes that it is the parent of.
@NullMarked
package dev.widemesh.allinone;

import org.jspecify.annotations.NullMarked;
