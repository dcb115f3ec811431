/// Base images made of Debian packages, without apt, root or a shell.
@NullMarked
package dev.widemesh.builder.debian;

import org.jspecify.annotations.NullMarked;
