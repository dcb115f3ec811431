/// What goes over the wire between the controller and everybody else, and the client that sends it.
@NullMarked
package dev.widemesh.api;

import org.jspecify.annotations.NullMarked;
