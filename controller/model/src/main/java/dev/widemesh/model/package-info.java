/// What Widemesh talks about: names, deployments, instances, diagnoses. Knows only the JDK.
@NullMarked
package dev.widemesh.model;

import org.jspecify.annotations.NullMarked;
