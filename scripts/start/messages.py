"""Every sentence the commands say, in the three languages of the product."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Sentence(NamedTuple):
    """One sentence in English, Portuguese and Spanish, with the same {placeholders} in each."""

    en: str
    pt: str
    es: str

    def say(self, language: str, **values: object) -> str:
        """The sentence in `language` (en, pt or es) with its placeholders filled in."""
        text: str = getattr(self, language)
        return text.format(**values)


def language_of(environ: Mapping[str, str]) -> str:
    """The person's language by the locale variables, in the order POSIX reads them: pt, es, or else en."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if environ.get(name):
            language = environ[name][:2].lower()
            return language if language in ("pt", "es") else "en"
    return "en"


# The steps, as the progress names them

VENV = Sentence(
    "Creating the Python environment in .venv",
    "Criando o ambiente Python em .venv",
    "Creando el entorno de Python en .venv",
)
TORCH_OWN = Sentence(
    "Looking for PyTorch's CPU build where pip is set to look",
    "Procurando o PyTorch para CPU onde o pip está configurado para procurar",
    "Buscando PyTorch para CPU donde pip está configurado para buscar",
)
TORCH_CPU = Sentence(
    "Installing PyTorch's CPU build (about 200 MB)",
    "Instalando o PyTorch para CPU (cerca de 200 MB)",
    "Instalando PyTorch para CPU (unos 200 MB)",
)
TORCH_PLAIN = Sentence(
    "Installing PyTorch",
    "Instalando o PyTorch",
    "Instalando PyTorch",
)
PACKAGES = Sentence(
    "Installing the Python packages",
    "Instalando os pacotes Python",
    "Instalando los paquetes de Python",
)
NODE = Sentence(
    "Installing Node.js {version} in .venv",
    "Instalando o Node.js {version} em .venv",
    "Instalando Node.js {version} en .venv",
)
CLIENT_PACKAGES = Sentence(
    "Installing the client's packages (npm ci)",
    "Instalando os pacotes do cliente (npm ci)",
    "Instalando los paquetes del cliente (npm ci)",
)
CLIENT_BUILD = Sentence(
    "Building the client",
    "Compilando o cliente",
    "Compilando el cliente",
)
SEED = Sentence(
    "Loading the documents of database/pdf",
    "Carregando os documentos de database/pdf",
    "Cargando los documentos de database/pdf",
)
RUNNING = Sentence("Running {tool}", "Executando {tool}", "Ejecutando {tool}")
STARTING = Sentence(
    "Starting the server and the client",
    "Iniciando o servidor e o cliente",
    "Iniciando el servidor y el cliente",
)
WAITING_FOR_OTHER = Sentence(
    "Waiting for another command that is preparing this folder",
    "Esperando outro comando que está preparando esta pasta",
    "Esperando a otro comando que está preparando esta carpeta",
)

# What the person is told

STEP_DONE = Sentence("done", "pronto", "listo")
STEP_FAILED = Sentence("failed", "falhou", "falló")
READY = Sentence("Acervo is ready.", "O Acervo está pronto.", "Acervo está listo.")
OPEN_CLIENT = Sentence("Open this", "Abra isto", "Abra esto")
SERVER_ADDRESS = Sentence("Server", "Servidor", "Servidor")
ANSWERED_BY = Sentence("Answers", "Responde", "Responde")
LOGS = Sentence("Logs", "Registros", "Registros")
HOW_TO_STOP = Sentence("Ctrl-C stops both.", "Ctrl-C encerra os dois.", "Ctrl-C detiene ambos.")
STOPPING = Sentence(
    "Stopping; answers under way may finish (Ctrl-C again stops at once).",
    "Encerrando; as respostas em curso podem terminar (Ctrl-C de novo encerra já).",
    "Deteniendo; las respuestas en curso pueden terminar (otro Ctrl-C detiene ya).",
)
STOPPED = Sentence("Stopped.", "Encerrado.", "Detenido.")
FROM_LOG = Sentence(
    "From {log}:",
    "De {log}:",
    "De {log}:",
)
TORCH_LARGER = Sentence(
    "PyTorch's CPU build can't be had here ({host} does not answer), so the general build follows: "
    "about 3 GB more to download.",
    "O PyTorch para CPU não pode ser obtido aqui ({host} não responde); segue a versão geral: "
    "cerca de 3 GB a mais para baixar.",
    "PyTorch para CPU no puede obtenerse aquí ({host} no responde); sigue la versión general: "
    "unos 3 GB más que descargar.",
)
SEED_INCOMPLETE = Sentence(
    "Not every document of database/pdf could be loaded; the others can be asked. What happened is in {log}.",
    "Nem todos os documentos de database/pdf puderam ser carregados; os outros podem ser consultados. "
    "O que houve está em {log}.",
    "No todos los documentos de database/pdf pudieron cargarse; los demás pueden consultarse. "
    "Lo que pasó está en {log}.",
)
SUMMARY = Sentence("Summary", "Resumo", "Resumen")
CHECKS_PASSED = Sentence(
    "Format, lint and types are in order.",
    "Formato, lint e tipos estão em ordem.",
    "Formato, lint y tipos están en orden.",
)
CHECKS_FAILED = Sentence(
    "Not in order: {names}. scripts/check --fix sets right what a tool can.",
    "Fora de ordem: {names}. scripts/check --fix corrige o que uma ferramenta pode corrigir.",
    "Fuera de orden: {names}. scripts/check --fix corrige lo que una herramienta puede corregir.",
)
SERVER = Sentence("server", "servidor", "servidor")
CLIENT = Sentence("client", "cliente", "cliente")

# Failures: what happened, to what, and what to do

SETTING_WRONG = Sentence(
    "{name} has the value {value!r}. It must be {allowed}.",
    "{name} tem o valor {value!r}. O valor deve ser {allowed}.",
    "{name} tiene el valor {value!r}. Debe ser {allowed}.",
)
PORT_NUMBER = Sentence("a number from 1 to 65535", "um número de 1 a 65535", "un número de 1 a 65535")
PORTS_EQUAL = Sentence(
    "PORT and CLIENT_PORT are both {port}. Give one of them another number: CLIENT_PORT={other} scripts/run",
    "PORT e CLIENT_PORT são ambos {port}. Dê outro número a um deles: CLIENT_PORT={other} scripts/run",
    "PORT y CLIENT_PORT son ambos {port}. Dé otro número a uno de ellos: CLIENT_PORT={other} scripts/run",
)
PORT_TAKEN = Sentence(
    "Port {port} is in use by another program. Stop that program, or choose another port: "
    "{name}={other} scripts/run",
    "A porta {port} está em uso por outro programa. Encerre esse programa ou escolha outra porta: "
    "{name}={other} scripts/run",
    "El puerto {port} está en uso por otro programa. Detenga ese programa o elija otro puerto: "
    "{name}={other} scripts/run",
)
PORT_REFUSED = Sentence(
    "The system does not allow port {port} on {host} ({reason}). Choose another: {name}={other} scripts/run",
    "O sistema não permite a porta {port} em {host} ({reason}). Escolha outra: {name}={other} scripts/run",
    "El sistema no permite el puerto {port} en {host} ({reason}). Elija otro: {name}={other} scripts/run",
)
DISK_FULL = Sentence(
    "The disk that holds {folder} is full. Free some space and start again; what is done is kept.",
    "O disco que contém {folder} está cheio. Libere espaço e inicie de novo; o que está feito fica.",
    "El disco que contiene {folder} está lleno. Libere espacio e inicie de nuevo; lo hecho se conserva.",
)
DISK_TOO_SMALL = Sentence(
    "The installation needs {needed} GB, and the disk that holds {folder} has {free} GB free. "
    "Free some space.",
    "A instalação precisa de {needed} GB, e o disco que contém {folder} tem {free} GB livres. Libere espaço.",
    "La instalación necesita {needed} GB, y el disco que contiene {folder} tiene {free} GB libres. "
    "Libere espacio.",
)
NO_NETWORK = Sentence(
    "{tool} could not reach its package registry. The first start needs the Internet, later ones don't. "
    "Check the connection (or the proxy in HTTPS_PROXY) and start again; what is done is kept.",
    "O {tool} não conseguiu chegar ao seu registro de pacotes. O primeiro início precisa da Internet, os "
    "seguintes não. Verifique a conexão (ou o proxy em HTTPS_PROXY) e inicie de novo; o que está feito fica.",
    "{tool} no pudo llegar a su registro de paquetes. El primer inicio necesita Internet, los siguientes no. "
    "Compruebe la conexión (o el proxy en HTTPS_PROXY) e inicie de nuevo; lo hecho se conserva.",
)
NO_BUILD = Sentence(
    "pip found no build of a package for this Python ({python}) on this system ({system}). "
    "Python 3.11 to 3.14 on Linux or on a Mac with Apple silicon (macOS 14 or newer) has all of them.",
    "O pip não encontrou um pacote compilado para este Python ({python}) neste sistema ({system}). "
    "O Python 3.11 a 3.14 no Linux ou em um Mac com chip da Apple (macOS 14 ou mais novo) tem todos.",
    "pip no encontró un paquete compilado para este Python ({python}) en este sistema ({system}). "
    "Python 3.11 a 3.14 en Linux o en un Mac con chip de Apple (macOS 14 o más nuevo) los tiene todos.",
)
TOOL_FAILED = Sentence(
    "{tool} failed with status {status}. Everything it said is in {log}.",
    "{tool} falhou com o status {status}. Tudo o que disse está em {log}.",
    "{tool} falló con el estado {status}. Todo lo que dijo está en {log}.",
)
TOOL_MISSING = Sentence(
    "{tool} could not be started: {reason}.",
    "{tool} não pôde ser iniciado: {reason}.",
    "{tool} no pudo iniciarse: {reason}.",
)
SERVICE_DIED = Sentence(
    "The {service} stopped by itself with status {status}, so the other was stopped too. "
    "Everything it said is in {log}.",
    "O processo {service} parou sozinho com o status {status}, e o outro foi encerrado também. "
    "Tudo o que disse está em {log}.",
    "El proceso {service} se detuvo solo con el estado {status}, y el otro fue detenido también. "
    "Todo lo que dijo está en {log}.",
)
SERVICE_SILENT = Sentence(
    "The {service} did not become ready within {seconds} s: {reason}. Everything it said is in {log}.",
    "O processo {service} não ficou pronto em {seconds} s: {reason}. Tudo o que disse está em {log}.",
    "El proceso {service} no estuvo listo en {seconds} s: {reason}. Todo lo que dijo está en {log}.",
)
CHROMIUM_MISSING = Sentence(
    "there is no Chromium, and it can't be installed without an administrator: sudo apt install chromium",
    "não há Chromium, e ele não pode ser instalado sem um administrador: sudo apt install chromium",
    "no hay Chromium, y no puede instalarse sin un administrador: sudo apt install chromium",
)
CHROMIUM = Sentence(
    "Installing Chromium (apt-get)", "Instalando o Chromium (apt-get)", "Instalando Chromium (apt-get)"
)
