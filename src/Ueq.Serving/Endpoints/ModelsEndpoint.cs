using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Ueq.Registry;

namespace Ueq.Serving.Endpoints;

/// <summary><c>/models</c>: the registry's models, what of them is served, and their aliases, which can be moved. No path comes from the wire.</summary>
internal sealed class ModelsEndpoint(ServiceParts parts, RegistryKeeper? keeper)
{
    public Task List(HttpContext http)
    {
        AdminCall.RequireQuery(http);
        IReadOnlyList<RegisteredModel> models = keeper?.Registry.List() ?? [];
        return JsonAnswers.Write(http, StatusCodes.Status200OK, json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("models");
            foreach (RegisteredModel model in models) Write(json, model);
            json.WriteEndArray();
            json.WriteStartArray("served");
            foreach ((string reference, Versions.ModelVersion version) in parts.Models.Served)
            {
                json.WriteStartObject();
                json.WriteString("reference", reference);
                json.WriteString("digest", version.Digest);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    public Task Show(HttpContext http)
    {
        AdminCall.RequireQuery(http);
        RegisteredModel model = Asked(http, registry => registry.Get(Name(http, "name")));
        return JsonAnswers.Write(http, StatusCodes.Status200OK, json => Write(json, model));
    }

    public async Task SetAlias(HttpContext http)
    {
        AdminCall.RequireLocal(http);
        Dictionary<string, string> fields = await AdminCall.FieldsWithNumber(http, "version", "who");
        string name = Name(http, "name"), alias = Name(http, "alias"), who = AdminCall.Who(http, "$.who", fields.GetValueOrDefault("who")), text = fields.Required("version");
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int version) || version is < 1 or > ModelReference.MostVersions)
            throw RefusalException.BadRequest($"$.version: expected the number of a version, such as 3, got \"{text}\"");
        await Move(http, registry => registry.SetAlias(name, alias, version, who));
    }

    public async Task Rollback(HttpContext http)
    {
        AdminCall.RequireLocal(http);
        Dictionary<string, string> fields = await AdminCall.Fields(http, "alias", "who");
        string name = Name(http, "name"), who = AdminCall.Who(http, "$.who", fields.GetValueOrDefault("who")), alias = fields.GetValueOrDefault("alias", ModelRegistry.Champion);
        if (!ModelReference.IsName(alias)) throw RefusalException.BadRequest($"$.alias: expected the name of an alias, got \"{alias}\"");
        await Move(http, registry => registry.Rollback(name, alias, who));
    }

    // Loading is work, which threads that answer requests are not kept from their own by.
    private async Task Move(HttpContext http, Func<ModelRegistry, RegistryEntry> move)
    {
        RegistryEntry entry = await Task.Run(() =>
        {
            RegistryEntry moved = Asked(http, move);
            keeper!.Follow();
            return moved;
        });
        await JsonAnswers.Write(http, StatusCodes.Status200OK, json =>
        {
            json.WriteStartObject();
            json.WriteString("model", entry.Model);
            json.WriteString("alias", entry.Alias);
            json.WriteNumber("version", entry.Version!.Value);
            if (entry.Before is { } before) json.WriteNumber("before", before);
            else json.WriteNull("before");
            json.WriteString("who", entry.Who);
            json.WriteString("when", entry.When);
            json.WriteString("status", "success");
            json.WriteEndObject();
        });
    }

    private T Asked<T>(HttpContext http, Func<ModelRegistry, T> ask)
    {
        if (keeper is null) throw new RefusalException(StatusCodes.Status404NotFound, $"expected a service of a registry, which this is not: {http.Request.Path} is of registries");
        try
        {
            return ask(keeper.Registry);
        }
        catch (UnknownModelException unknown)
        {
            throw new RefusalException(StatusCodes.Status404NotFound, unknown.Message);
        }
        catch (ArgumentException wrong)
        {
            throw RefusalException.BadRequest(wrong.Message);
        }
        catch (Exception refused) when (refused is InvalidDataException or InvalidOperationException)
        {
            throw new RefusalException(StatusCodes.Status409Conflict, refused.Message);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            throw new RefusalException(StatusCodes.Status503ServiceUnavailable, failed.Message);
        }
    }

    private static string Name(HttpContext http, string what) => http.Request.RouteValues[what] is string name && ModelReference.IsName(name)
        ? name
        : throw RefusalException.BadRequest($"{http.Request.Path}: expected a {what} of 1 to {ModelReference.LongestName} letters, digits, '.', '_' or '-'");

    private void Write(Utf8JsonWriter json, RegisteredModel model)
    {
        json.WriteStartObject();
        json.WriteString("name", model.Name);
        json.WriteStartArray("versions");
        foreach (RegisteredVersion version in model.Versions)
        {
            json.WriteStartObject();
            json.WriteNumber("version", version.Number);
            json.WriteString("digest", version.Digest);
            json.WriteString("who", version.Who);
            json.WriteString("when", version.When);
            json.WriteString("note", version.Note);
            json.WriteString("model", version.Manifest?.Model);
            json.WriteString("method", version.Manifest?.Method);
            json.WriteNumber("bytes", version.Bytes);
            json.WriteString("fault", version.Fault);
            json.WriteStartArray("served");
            foreach ((string reference, Versions.ModelVersion served) in parts.Models.Served)
                if (served.Digest == version.Digest && ModelCatalog.NameOf(reference) == model.Name) json.WriteStringValue(reference);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartObject("aliases");
        foreach (RegisteredAlias alias in model.Aliases)
        {
            if (alias.Fault is null) json.WriteNumber(alias.Name, alias.Version);
            else json.WriteNull(alias.Name);
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }
}
