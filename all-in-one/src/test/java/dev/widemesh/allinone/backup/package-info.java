@org.jspecify.annotations.NullMarked
package dev.widemesh.allinone.backup;
