package dev.widemesh.git;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Set;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.transport.PacketLineOut;
import org.eclipse.jgit.transport.RefAdvertiser;
import org.eclipse.jgit.transport.RefAdvertiser.PacketLineOutRefAdvertiser;
import org.eclipse.jgit.transport.UploadPack;

/// JGit's answer to a fetch, which also says where a shallow history ends: JGit's own does not, and
/// a clone would miss objects.
final class Upload extends UploadPack {
  private final Set<ObjectId> boundary;
  private final OutputStream out;

  Upload(Repository repository, Set<ObjectId> boundary, OutputStream out) {
    super(repository);
    this.boundary = boundary;
    this.out = out;
  }

  @Override
  public void sendAdvertisedRefs(RefAdvertiser advertiser) throws IOException {
    super.sendAdvertisedRefs(
        boundary.isEmpty() ? advertiser : new WithBoundary(new PacketLineOut(out)));
  }

  private final class WithBoundary extends PacketLineOutRefAdvertiser {
    private final PacketLineOut lines;

    WithBoundary(PacketLineOut lines) {
      super(lines);
      this.lines = lines;
    }

    @Override
    protected void end() throws IOException {
      for (var commit : boundary) {
        lines.writeString("shallow " + commit.name());
      }
      super.end();
      lines.flush();
    }
  }
}
