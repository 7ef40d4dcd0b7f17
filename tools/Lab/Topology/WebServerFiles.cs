using SafeKit.Core;

namespace SafeKit.Lab.Topology;

/// <summary>The application of the lab: an nginx per node that answers with the node's name, and the module's scripts.</summary>
public static class WebServerFiles
{
    public static string Folder(NodePaths paths) => Path.Combine(paths.Root, "nginx");

    public static string Configuration(NodePaths paths) => Path.Combine(Folder(paths), "nginx.conf");

    public static string PidFile(NodePaths paths) => Path.Combine(Folder(paths), "nginx.pid");

    /// <summary>While this file exists the start script does nothing: an application that cannot start.</summary>
    public static string BrokenMark(NodePaths paths) => Path.Combine(Folder(paths), "broken");

    public static string NginxConfiguration(NodePaths paths, string node) =>
        $$"""
        worker_processes 1;
        user root;
        pid {{PidFile(paths)}};
        error_log {{Folder(paths)}}/error.log warn;
        events { worker_connections 4096; }
        http {
          access_log off;
          default_type text/plain;
          client_body_temp_path {{Folder(paths)}}/body;
          proxy_temp_path {{Folder(paths)}}/proxy;
          fastcgi_temp_path {{Folder(paths)}}/fastcgi;
          uwsgi_temp_path {{Folder(paths)}}/uwsgi;
          scgi_temp_path {{Folder(paths)}}/scgi;
          keepalive_timeout 60s;
          keepalive_requests 1000000;
          server {
            listen {{LabAddresses.WebPort}} backlog=1024;
            listen [::]:{{LabAddresses.WebPort}} backlog=1024 ipv6only=on;
            location / { return 200 "{{node}}\n"; }
          }
        }

        """;

    /// <summary>The module's scripts by name, as reference section 4.1 lists them.</summary>
    public static IEnumerable<(string Name, string Text)> Scripts(NodePaths paths)
    {
        yield return ("prestart", "#!/bin/sh\nhere=$(dirname \"$0\")\n\"$here/stop_both\"\n\"$here/stop_both\" force\nexit 0\n");
        yield return ("start_both", StartScript(paths));
        yield return ("stop_both", StopScript(paths));
        yield return ("poststop", "#!/bin/sh\nexit 0\n");
    }

    // The module's own restart and a start by hand may come together: the second finds nginx running and is content.
    private static string StartScript(NodePaths paths) =>
        $$"""
        #!/bin/sh
        # Starts this node's nginx unless the lab has broken it on purpose.
        if [ -e {{BrokenMark(paths)}} ]; then echo "nginx is broken and does not start"; exit 0; fi
        running() { pid=$(cat {{PidFile(paths)}} 2> /dev/null) && [ -n "$pid" ] && [ "$(cat /proc/$pid/comm 2> /dev/null)" = nginx ]; }
        exec 9> {{PidFile(paths)}}.start
        flock 9
        running && exit 0
        nginx -c {{Configuration(paths)}} -p {{Folder(paths)}} 9>&- || exit 1
        n=0
        while ! running && [ $n -lt 40 ]; do sleep 0.05; n=$((n + 1)); done
        running

        """;

    // Gracefully first: requests under way are finished. Then, or with "force", at once.
    private static string StopScript(NodePaths paths) =>
        $$"""
        #!/bin/sh
        pid=$(cat {{PidFile(paths)}} 2> /dev/null)
        running() { [ "$(cat /proc/$pid/comm 2> /dev/null)" = nginx ]; }
        [ -n "$pid" ] && running || exit 0
        if [ "$1" = force ]; then kill -TERM "$pid"; else kill -QUIT "$pid"; fi
        n=0
        while running && [ $n -lt 40 ]; do sleep 0.05; n=$((n + 1)); done
        running && kill -TERM "$pid"
        exit 0

        """;
}
