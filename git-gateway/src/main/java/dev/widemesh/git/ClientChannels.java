package dev.widemesh.git;

import java.io.IOException;
import java.util.regex.Pattern;
import org.apache.sshd.common.channel.Channel;
import org.apache.sshd.common.channel.RequestHandler;
import org.apache.sshd.common.session.Session;
import org.apache.sshd.server.channel.ChannelSession;
import org.apache.sshd.server.channel.ChannelSessionFactory;

/// Sessions, and nothing else: no forwarded connections, and no variable but git's protocol.
final class ClientChannels extends ChannelSessionFactory {
  private static final Pattern VERSION = Pattern.compile("version=[0-2]");

  @Override
  public Channel createChannel(Session session) {
    return new OneVariable();
  }

  private static final class OneVariable extends ChannelSession {
    @Override
    protected RequestHandler.Result handleEnvParsed(String name, String value) throws IOException {
      return name.equals("GIT_PROTOCOL") && VERSION.matcher(value).matches()
          ? super.handleEnvParsed(name, value)
          : RequestHandler.Result.ReplyFailure;
    }
  }
}
