package dev.widemesh.api;

import java.util.List;
import java.util.Map;

/// What `mesh doctor` asks the parts for: what really is there, read from the thing itself and not
/// from memory. What could not be read is one of the `troubles`. A rack's answer is a
/// [dev.widemesh.api.rack.RackSurvey].
public final class Survey {
  private Survey() {}

  /// Of anything a part lists at most so many; that there are more is a trouble.
  public static final int MOST = 10_000;

  /// `images`, as `<repository>@<digest>`, are those that the registry must be able to serve: as
  /// many as there is time for, in this order; or the one whose bill of materials is asked for.
  /// `logins`: the one to be tried, where that is the question.
  public record Question(String id, List<String> images, List<BuildWire.RegistryLogin> logins) {
    public Question {
      logins = List.copyOf(logins);
      images = List.copyOf(images);
    }
  }

  /// Where a part writes.
  public record Disk(String path, long freeBytes, long totalBytes) {}

  /// Of the git gateway. `quarantine`: what lies there though no push uses it.
  public record Git(
      List<String> troubles, Disk disk, List<Repository> repositories, List<String> quarantine) {
    public Git {
      troubles = List.copyOf(troubles);
      repositories = List.copyOf(repositories);
      quarantine = List.copyOf(quarantine);
    }
  }

  /// `refs`, by name: the branch that deploys, and all hidden ones. `lost`: refs whose commit is
  /// not whole. `leftovers`: files of writes that broke off.
  public record Repository(
      String stackId, Map<String, String> refs, List<String> lost, List<String> leftovers) {
    public Repository {
      refs = Map.copyOf(refs);
      lost = List.copyOf(lost);
      leftovers = List.copyOf(leftovers);
    }
  }

  /// Of the builder and its registry. `builds` are under way, or being cleared away; `folders` are
  /// work folders of none of them, `leftovers` what Docker has of others. `uploads`: files of no
  /// upload that is open.
  public record Build(
      List<String> troubles,
      Disk disk,
      boolean basesMade,
      List<String> builds,
      List<String> folders,
      List<String> leftovers,
      Images images,
      List<String> uploads) {
    public Build {
      troubles = List.copyOf(troubles);
      builds = List.copyOf(builds);
      folders = List.copyOf(folders);
      leftovers = List.copyOf(leftovers);
      uploads = List.copyOf(uploads);
    }
  }

  /// Of the images that were asked for the first ones, so many, were `looked` at: one at least, if
  /// there is one. The others are to be asked for again.
  public record Images(int looked, List<Damage> damages) {
    public Images {
      damages = List.copyOf(damages);
    }
  }

  /// What an image lacks, in words.
  public record Damage(String image, String lacks) {}
}
