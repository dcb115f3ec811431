/// The file of a backup: written once, checked whole before anything of it is believed.
/// docs/backup.md describes it.
@org.jspecify.annotations.NullMarked
package dev.widemesh.allinone.backup;
