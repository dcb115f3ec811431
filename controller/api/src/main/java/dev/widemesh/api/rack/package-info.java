/// What the controller, a rack and its routers tell each other.
@NullMarked
package dev.widemesh.api.rack;

import org.jspecify.annotations.NullMarked;
