/// Decides what should run where: keeps it in PostgreSQL and serves it over HTTP.
@NullMarked
package dev.widemesh.controller;

import org.jspecify.annotations.NullMarked;
