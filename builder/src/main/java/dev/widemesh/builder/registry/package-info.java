/// An OCI registry in this process: what the builder pushes and the engines pull.
@NullMarked
package dev.widemesh.builder.registry;

import org.jspecify.annotations.NullMarked;
