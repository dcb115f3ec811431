package dev.widemesh.git;

import dev.widemesh.api.GitWire;
import java.time.Duration;

/// Whether somebody may still move files: connections last for hours, rights need not.
final class LfsRight {
  /// Refused is who may not, or may no longer.
  interface Question {
    GitWire.Grant ask() throws Refused;
  }

  private static final Duration FRESH = Duration.ofMinutes(1);

  private final Question question;
  private final Duration fresh;
  private final GitWire.Grant grant;
  private long asked;

  private LfsRight(Question question, Duration fresh) throws Refused {
    this.question = question;
    this.fresh = fresh;
    this.grant = question.ask();
    this.asked = System.nanoTime();
  }

  static LfsRight of(Question question) throws Refused {
    return new LfsRight(question, FRESH);
  }

  /// An answer older than `fresh` counts no more.
  static LfsRight of(Question question, Duration fresh) throws Refused {
    return new LfsRight(question, fresh);
  }

  /// What they were given first.
  GitWire.Grant grant() {
    return grant;
  }

  void require() throws Refused {
    if (System.nanoTime() - asked < fresh.toNanos()) {
      return;
    }
    if (!question.ask().stackId().equals(grant.stackId())) {
      throw new Refused("the stack was removed meanwhile", "push again");
    }
    asked = System.nanoTime();
  }
}
