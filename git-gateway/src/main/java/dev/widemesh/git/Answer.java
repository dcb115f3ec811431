package dev.widemesh.git;

import java.io.IOException;

/// What a command does; the result is its exit status.
interface Answer {
  int give(Conversation conversation) throws IOException, InterruptedException, Refused;
}
