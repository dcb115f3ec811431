/// Accepts a push and shows the deployment.
@NullMarked
package dev.widemesh.git;

import org.jspecify.annotations.NullMarked;
