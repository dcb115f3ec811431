/// Sends each request to a live instance. [dev.widemesh.router.Router] is the door.
@NullMarked
package dev.widemesh.router;

import org.jspecify.annotations.NullMarked;
