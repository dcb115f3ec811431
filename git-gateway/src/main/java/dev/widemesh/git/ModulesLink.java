package dev.widemesh.git;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Pattern;
import org.eclipse.jgit.errors.CorruptObjectException;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.FileMode;
import org.eclipse.jgit.util.RawParseUtils;

/// `.gitmodules` as a symbolic link, under any name that a file system takes for it: git would read
/// what it points to on the machine of whoever clones. JGit looks only into files of that name.
final class ModulesLink {
  private static final Pattern NTFS =
      Pattern.compile("(gitmod~[1-9][0-9]*|gi[0-9a-f]{4,5}~[0-9]+)");
  // What HFS+ leaves out of a name, and NTFS at its end.
  private static final Pattern LEFT_OUT =
      Pattern.compile("[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]|[ .]+$");

  private ModulesLink() {}

  /// `tree` is a tree that was found to be well-formed.
  static void refuse(byte[] tree) throws CorruptObjectException {
    for (var at = 0; at < tree.length; ) {
      var space = RawParseUtils.next(tree, at, ' ');
      var end = RawParseUtils.next(tree, space, '\0');
      if (isLink(tree, at, space - 1) && means(tree, space, end - 1)) {
        throw new CorruptObjectException("'.gitmodules' is a symbolic link");
      }
      at = end + Constants.OBJECT_ID_LENGTH;
    }
  }

  private static boolean isLink(byte[] tree, int from, int to) {
    var mode = RawParseUtils.decode(StandardCharsets.US_ASCII, tree, from, to);
    return mode.endsWith(Integer.toOctalString(FileMode.SYMLINK.getBits()));
  }

  private static boolean means(byte[] tree, int from, int to) {
    var name = RawParseUtils.decode(StandardCharsets.UTF_8, tree, from, to);
    var plain = LEFT_OUT.matcher(name).replaceAll("").toLowerCase(Locale.ROOT);
    return plain.equals(".gitmodules") || NTFS.matcher(plain).matches();
  }
}
