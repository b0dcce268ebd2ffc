using System.IO.Compression;
using System.Text;

namespace Ueq.Torch.Tests;

/// <summary>Makes TorchScript files from the text of a forward function of x, with a dropout layer self.drop to call.</summary>
internal static class ScriptText
{
    public static byte[] Bytes(string answer, string type = "Tensor", string arguments = "x: Tensor")
    {
        string code = $"""
            class Model(Module):
              __parameters__ = []
              __buffers__ = []
              training : bool
              drop : __torch__.Dropout
              def forward(self: __torch__.Model,
                {arguments}) -> {type}:
                return {answer}
            class Dropout(Module):
              __parameters__ = []
              __buffers__ = []
              training : bool
              def forward(self: __torch__.Dropout,
                x: Tensor) -> Tensor:
                return torch.dropout(x, 0.5, self.training)

            """;
        MemoryStream file = new();
        using (ZipArchive archive = new(file, ZipArchiveMode.Create, leaveOpen: true))
        {
            Add(archive, "data.pkl", [0x80, 2, .. Layer("Model", [.. Text("drop"), .. Layer("Dropout", [])]), (byte)'.']);
            Add(archive, "code/__torch__.py", Encoding.UTF8.GetBytes(code.ReplaceLineEndings("\n")));
            Add(archive, "constants.pkl", [0x80, 2, (byte)')', (byte)'.']);
            Add(archive, "version", "3\n"u8);
        }

        return file.ToArray();
    }

    public static void Add(ZipArchive archive, string name, ReadOnlySpan<byte> content)
    {
        using Stream entry = archive.CreateEntry("model/" + name, CompressionLevel.NoCompression).Open();
        entry.Write(content);
    }

    // Pickle: an object of the class without arguments, and a dictionary as its state; saved in training.
    private static byte[] Layer(string kind, byte[] attributes) =>
        [.. Encoding.ASCII.GetBytes($"c__torch__\n{kind}\n)"), 0x81, (byte)'}', (byte)'(', .. attributes, .. Text("training"), 0x88, (byte)'u', (byte)'b'];

    private static byte[] Text(string value) => [(byte)'X', .. BitConverter.GetBytes(value.Length), .. Encoding.ASCII.GetBytes(value)];
}

/// <summary>A folder of TorchScript files that goes away.</summary>
internal sealed class ScriptFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ueq-script-");

    public string Write(byte[] content, string name = "model.pt")
    {
        string path = Path.Combine(_folder.FullName, name);
        File.WriteAllBytes(path, content);
        return path;
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
