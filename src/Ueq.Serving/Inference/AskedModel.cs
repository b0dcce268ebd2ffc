using System.Text;

namespace Ueq.Serving.Inference;

/// <summary>A model as a request calls it: by a reference, and by the version that it means now.</summary>
internal sealed class AskedModel
{
    public AskedModel(string name, string version, InferenceModel model, ServedModel? served)
    {
        Name = name;
        Version = version;
        Model = model;
        Served = served;
        JsonBytes said = new();
        said.Raw("{\"model_name\":"u8);
        said.Text(name);
        said.Raw(",\"model_version\":"u8);
        said.Text(version);
        Head = said.Written.ToArray();
    }

    public string Name { get; }

    /// <summary>The version's number where its reference has one, else the first twelve digits of its digest.</summary>
    public string Version { get; }

    public InferenceModel Model { get; }

    /// <summary>The served model; <c>null</c> for one of the test models.</summary>
    public ServedModel? Served { get; }

    /// <summary>How an answer begins.</summary>
    public ReadOnlyMemory<byte> Head { get; }
}
