/// Fetches the buildpacks of others: from git, from archives, from registries.
@NullMarked
package dev.widemesh.builder.supply;

import org.jspecify.annotations.NullMarked;
