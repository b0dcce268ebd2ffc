using System;
using System.Collections.Generic;
using System.IO;
using System.Text;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

/// <summary>Makes one version requirement of ELF libraries a weak one, where the system's library lacks that version.</summary>
/// <remarks>
/// Sets VER_FLG_WEAK in vna_flags of the entry in .gnu.version_r (Linux Standard Base, Symbol Versioning). The file is replaced by a
/// changed copy, never written in place: it may be a hard link into the package folder, or loaded. Its time stays, so that the next
/// build takes it for up to date. Compiled by the build itself against .NET Standard 2.0.
/// </remarks>
public sealed class MarkVersionWeak : Task
{
    private const uint VersionNeeds = 0x6ffffffe;
    private const ushort Weak = 2;

    /// <summary>The libraries to change.</summary>
    [Required]
    public ITaskItem[] Files { get; set; }

    /// <summary>The version that may be missing.</summary>
    [Required]
    public string Version { get; set; }

    /// <summary>The system's library that is to have it.</summary>
    [Required]
    public string Library { get; set; }

    public override bool Execute()
    {
        if (Files.Length == 0 || SystemHasVersion()) return true;
        foreach (ITaskItem file in Files)
        {
            string path = file.GetMetadata("FullPath");
            byte[] content = File.ReadAllBytes(path);
            int marked;
            try
            {
                marked = Mark(content);
            }
            catch (Exception fault) when (fault is ArgumentException || fault is IndexOutOfRangeException || fault is OverflowException)
            {
                Log.LogError("{0} is not a 64-bit little-endian ELF library that can be read: {1}", path, fault.Message);
                return false;
            }

            if (marked == 0) continue;
            Replace(path, content);
            Log.LogMessage(MessageImportance.Normal, "{0}: {1} made weak, as this system's {2} is older.", path, Version, Library);
        }

        return true;
    }

    private bool SystemHasVersion()
    {
        byte[] wanted = Encoding.ASCII.GetBytes(Version + "\0");
        List<string> folders = new List<string>((Environment.GetEnvironmentVariable("LD_LIBRARY_PATH") ?? "").Split(new[] { ':' }, StringSplitOptions.RemoveEmptyEntries));
        folders.AddRange(new[]
        {
            "/usr/lib/x86_64-linux-gnu", "/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/lib/aarch64-linux-gnu",
            "/usr/lib64", "/lib64", "/usr/lib", "/lib",
        });
        foreach (string folder in folders)
        {
            string path = Path.Combine(folder, Library);
            if (File.Exists(path)) return IndexOf(File.ReadAllBytes(path), wanted) >= 0;
        }

        Log.LogMessage(MessageImportance.Normal, "{0} was not found; nothing is changed.", Library);
        return true;
    }

    // Number of entries that were not weak yet.
    private int Mark(byte[] elf)
    {
        if (elf.Length < 64 || elf[0] != 0x7f || elf[1] != 'E' || elf[2] != 'L' || elf[3] != 'F' || elf[4] != 2 || elf[5] != 1)
            throw new ArgumentException("it has another header");
        int sections = Offset(elf, 0x28), size = BitConverter.ToUInt16(elf, 0x3a), count = BitConverter.ToUInt16(elf, 0x3c), marked = 0;
        for (int i = 0; i < count; i++)
        {
            int section = sections + i * size;
            if (BitConverter.ToUInt32(elf, section + 4) != VersionNeeds) continue;
            int texts = Offset(elf, sections + BitConverter.ToInt32(elf, section + 40) * size + 24);
            marked += MarkNeeds(elf, Offset(elf, section + 24), texts);
        }

        return marked;
    }

    private int MarkNeeds(byte[] elf, int need, int texts)
    {
        int marked = 0;
        while (true)
        {
            int entry = need + BitConverter.ToInt32(elf, need + 8);
            for (int left = BitConverter.ToUInt16(elf, need + 2); left > 0; left--)
            {
                ushort flags = BitConverter.ToUInt16(elf, entry + 4);
                if ((flags & Weak) == 0 && Text(elf, texts + BitConverter.ToInt32(elf, entry + 8)) == Version)
                {
                    BitConverter.GetBytes((ushort)(flags | Weak)).CopyTo(elf, entry + 4);
                    marked++;
                }

                entry += BitConverter.ToInt32(elf, entry + 12);
            }

            int next = BitConverter.ToInt32(elf, need + 12);
            if (next == 0) return marked;
            need += next;
        }
    }

    private static void Replace(string path, byte[] content)
    {
        DateTime time = File.GetLastWriteTimeUtc(path);
        string changed = path + "." + System.Diagnostics.Process.GetCurrentProcess().Id + ".tmp";
        File.WriteAllBytes(changed, content);
        File.SetLastWriteTimeUtc(changed, time);
        File.Delete(path);
        File.Move(changed, path);
    }

    private static int Offset(byte[] elf, int place)
    {
        return checked((int)BitConverter.ToUInt64(elf, place));
    }

    private static string Text(byte[] elf, int start)
    {
        return Encoding.ASCII.GetString(elf, start, Array.IndexOf(elf, (byte)0, start) - start);
    }

    private static int IndexOf(byte[] content, byte[] wanted)
    {
        for (int at = Array.IndexOf(content, wanted[0]); at >= 0 && at + wanted.Length <= content.Length; at = Array.IndexOf(content, wanted[0], at + 1))
        {
            int i = 1;
            while (i < wanted.Length && content[at + i] == wanted[i]) i++;
            if (i == wanted.Length) return at;
        }

        return -1;
    }
}
