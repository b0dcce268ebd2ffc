using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.RepresentationModel;

namespace Ueq.Serving.Configuration;

/// <summary>Configuration as YAML.</summary>
internal static class ConfigYaml
{
    public static UeqServiceConfig Read(TextReader text, string file)
    {
        YamlStream yaml = new();
        try
        {
            yaml.Load(text);
        }
        catch (YamlException bad)
        {
            throw Bad(file, bad.Start, bad.Message, bad);
        }

        UeqServiceConfig config = new();
        if (yaml.Documents.Count == 0) return config;
        if (yaml.Documents.Count > 1) throw Bad(file, yaml.Documents[1].RootNode.Start, "expected one document, got another");
        if (yaml.Documents[0].RootNode is not YamlMappingNode root)
            throw Bad(file, yaml.Documents[0].RootNode.Start, "expected keys and values, such as batch_size: 1000");

        foreach ((YamlNode name, YamlNode value) in root.Children)
        {
            string key = Scalar(name, file, "a key");
            ConfigKey known = ConfigKey.Find(key) ?? throw Bad(file, name.Start, ConfigKey.Unknown(key));
            try
            {
                config = known.Read(config, Value(value, file));
            }
            catch (FormatException bad)
            {
                throw Bad(file, value.Start, $"{key}: {bad.Message}", bad);
            }
        }

        return config;
    }

    public static void Write(UeqServiceConfig config, TextWriter text)
    {
        Emitter yaml = new(text);
        yaml.Emit(new StreamStart());
        yaml.Emit(new DocumentStart());
        yaml.Emit(new MappingStart());
        foreach (ConfigKey key in ConfigKey.All)
        {
            yaml.Emit(new Scalar(key.Name));
            Write(yaml, key.Write(config));
        }

        yaml.Emit(new MappingEnd());
        yaml.Emit(new DocumentEnd(true));
        yaml.Emit(new StreamEnd());
    }

    private static void Write(Emitter yaml, ConfigValue value)
    {
        if (value.Entries is { } entries)
        {
            yaml.Emit(new MappingStart());
            foreach ((string name, string text) in entries)
            {
                yaml.Emit(new Scalar(name));
                yaml.Emit(new Scalar(text));
            }

            yaml.Emit(new MappingEnd());
        }
        else if (value.Items is { } items)
        {
            yaml.Emit(new SequenceStart(AnchorName.Empty, TagName.Empty, true, SequenceStyle.Block));
            foreach (string text in items) yaml.Emit(Quoted(text));
            yaml.Emit(new SequenceEnd());
        }
        else
        {
            yaml.Emit(value.IsNull ? new Scalar("null") : value.IsQuoted ? Quoted(value.Text!) : new Scalar(value.Text!));
        }
    }

    private static Scalar Quoted(string text) => new(AnchorName.Empty, TagName.Empty, text, ScalarStyle.DoubleQuoted, false, true);

    private static ConfigValue Value(YamlNode node, string file) => node switch
    {
        YamlScalarNode scalar => new() { Text = scalar.Value, IsQuoted = scalar.Style is not (ScalarStyle.Plain or ScalarStyle.Any) },
        YamlSequenceNode list => new() { Items = [.. list.Children.Select(item => Scalar(item, file, "a text"))] },
        YamlMappingNode map => new()
        {
            Entries = map.Children.ToDictionary(e => Scalar(e.Key, file, "a name"), e => Scalar(e.Value, file, "a number or a text"), StringComparer.Ordinal),
        },
        _ => throw Bad(file, node.Start, "expected a value"),
    };

    private static string Scalar(YamlNode node, string file, string expected) =>
        (node as YamlScalarNode)?.Value ?? throw Bad(file, node.Start, $"expected {expected}");

    private static InvalidDataException Bad(string file, Mark place, string what, Exception? inner = null) =>
        new($"{file}:{place.Line}: {what}", inner);
}
