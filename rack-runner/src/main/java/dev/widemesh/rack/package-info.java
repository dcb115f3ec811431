/// Makes it so on one rack: starts, watches and stops the containers that the controller defined.
@NullMarked
package dev.widemesh.rack;

import org.jspecify.annotations.NullMarked;
