using System.CommandLine;
using System.CommandLine.Parsing;

namespace Ueq.Cli.Commands;

/// <summary>Files and directories that a call names, checked before any work is done.</summary>
internal static class Places
{
    /// <summary>The option must name a file that is there.</summary>
    public static Option<T> IsFile<T>(this Option<T> option)
    {
        option.Validators.Add(result =>
        {
            foreach (Token token in result.Tokens)
            {
                if (token.Value.Length == 0) result.AddError($"{option.Name}: expected a file, got nothing.");
                else if (Directory.Exists(token.Value)) result.AddError($"{option.Name}: expected a file, and '{token.Value}' is a directory.");
                else if (!File.Exists(token.Value)) result.AddError($"{option.Name}: there is no file '{token.Value}'.");
            }
        });
        return option;
    }

    /// <summary>The option must name a file that could be made: its directory is there.</summary>
    public static Option<T> IsNewFile<T>(this Option<T> option)
    {
        option.Validators.Add(result =>
        {
            foreach (Token token in result.Tokens)
            {
                string? parent = token.Value.Length == 0 ? null : Path.GetDirectoryName(Path.GetFullPath(token.Value));
                if (token.Value.Length == 0) result.AddError($"{option.Name}: expected a file, got nothing.");
                else if (Directory.Exists(token.Value)) result.AddError($"{option.Name}: expected a file, and '{token.Value}' is a directory.");
                else if (!Directory.Exists(parent)) result.AddError($"{option.Name}: there is no directory '{parent}' to write '{token.Value}' into.");
            }
        });
        return option;
    }

    /// <summary>Throws if writing the output would destroy what the answer is made from.</summary>
    public static void KeepApart(string output, params string[] inputs)
    {
        foreach (string input in inputs.Where(input => Real(input) == Real(output)))
            throw new UsageException($"--output: '{output}' is the file '{input}' that is read; write elsewhere.");
    }

    /// <summary>Throws if the output is a file of the model itself.</summary>
    public static void KeepOutside(string output, string directory)
    {
        string inside = Path.TrimEndingDirectorySeparator(Real(directory)) + Path.DirectorySeparatorChar;
        if (Real(output).StartsWith(inside, StringComparison.Ordinal)) throw new UsageException($"--output: '{output}' is inside the model '{directory}'; write elsewhere.");
    }

    /// <summary>Whether a path is a device or a stream of the process, such as /dev/stdout: what is said beside goes to standard error then.</summary>
    public static bool IsDevice(string path) => path.StartsWith("/dev/", StringComparison.Ordinal);

    /// <summary>Where files are to be put: a directory that is there or can be made; throws if nothing can be written there.</summary>
    public static string Folder(string option, string path)
    {
        if (File.Exists(path)) throw new UsageException($"{option}: expected a directory, and '{path}' is a file.");
        if (!Directory.Exists(path)) return NewDirectory(option, path);
        // Something can be made in it.
        NewDirectory(option, Path.Combine(path, "new"));
        return Real(path);
    }

    /// <summary>Where a directory is to be made, links followed; throws if nothing can be written there, which is better known before hours of fitting.</summary>
    public static string NewDirectory(string option, string path)
    {
        if (string.IsNullOrWhiteSpace(path)) throw new UsageException($"{option}: expected a directory, got nothing.");
        string place = Real(path), parent = Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(place)) ?? place;
        while (!Directory.Exists(parent))
        {
            if (File.Exists(parent)) throw new UsageException($"{option}: '{path}' would be inside '{parent}', which is a file.");
            parent = Path.GetDirectoryName(parent)!;
        }

        try
        {
            Directory.Delete(Directory.CreateDirectory(Path.Combine(parent, $".ueq-{Environment.ProcessId}.tmp")).FullName);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"{option}: nothing can be written in '{parent}', so '{path}' cannot be made.", error);
        }

        return place;
    }

    private static string Real(string path)
    {
        string full = Path.GetFullPath(path);
        FileSystemInfo entry = Directory.Exists(full) ? new DirectoryInfo(full) : new FileInfo(full);
        string real = entry.LinkTarget is null ? full : entry.ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? full;
        string? parent = Path.GetDirectoryName(real);
        return parent is null || parent == real ? real : Path.Combine(Real(parent), Path.GetFileName(real));
    }
}
