"""What can be wrong with a collection or its loading, and what to do about it, in Portuguese, Spanish and English.

A sentence names settings, indexes and models, never addresses or paths: the server tells them to strangers.
"""

from __future__ import annotations

from typing import Literal

Language = Literal["pt", "es", "en"]

Problem = Literal[
    "unreadable",
    "folder_unusable",
    "other_format",
    "busy",
    "other_dimensions",
    "mongodb_unreachable",
    "mongodb_needs_direct",
    "mongodb_refused",
    "mongodb_failed",
    "mongodb_without_search",
    "index_missing",
    "index_differs",
    "index_building",
    "index_failed",
    "index_behind",
    "vectors_of_other_length",
    "vectors_of_other_type",
    "vectors_not_found",
    "not_erased",
    "file_unwritable",
    "file_being_written",
    "file_unreadable",
    "file_not_ours",
    "file_newer",
    "file_older",
    "file_damaged",
    "file_of_other_embedder",
    "replaced_too_often",
    "ray_missing",
    "cluster_unreachable",
    "cluster_full",
    "machine_differs",
    "machine_cannot_write",
    "report_replaces",
    "embedder_unloadable",
    "former_embedder_unavailable",
    "changed_over_meanwhile",
    "embedder_died",
    "ollama_away",
    "ollama_model_missing",
    "ollama_failed",
    "gemini_key_missing",
    "gemini_away",
    "gemini_refused",
    "gemini_limit",
    "reranker_unloadable",
]

SENTENCES: dict[Problem, dict[Language, str]] = {
    "unreadable": {
        "pt": "O acervo não pode ser lido. Se isso persistir, restaure uma cópia da pasta DATA_DIR ou carregue os documentos de novo.",
        "es": "El acervo no se puede leer. Si esto persiste, restaure una copia de la carpeta DATA_DIR o cargue los documentos de nuevo.",
        "en": "The collection can't be read. If this lasts, restore a copy of the folder DATA_DIR, or load the documents anew.",
    },
    "folder_unusable": {
        "pt": "A pasta do acervo não pode ser usada. DATA_DIR diz qual é; ela precisa existir ou poder ser criada, e aceitar escrita.",
        "es": "La carpeta del acervo no se puede usar. DATA_DIR dice cuál es; debe existir o poder crearse, y admitir escritura.",
        "en": "The collection's folder can't be used. DATA_DIR names it; it must exist or be allowed to be made, and be writable.",
    },
    "other_format": {
        "pt": "O acervo foi feito por outra versão do Acervo, que o guarda de outro modo. Mude a pasta DATA_DIR de lugar e carregue os documentos de novo.",
        "es": "El acervo lo hizo otra versión de Acervo, que lo guarda de otro modo. Mueva la carpeta DATA_DIR y cargue los documentos de nuevo.",
        "en": "The collection was made by another version of Acervo, which keeps it in another way. Move the folder DATA_DIR away, and load the documents anew.",
    },
    "busy": {
        "pt": "Outro processo ({holder}) está carregando documentos neste acervo. Espere que termine, ou interrompa-o.",
        "es": "Otro proceso ({holder}) está cargando documentos en este acervo. Espere a que termine, o interrúmpalo.",
        "en": "Another process ({holder}) is loading documents into this collection. Wait until it has finished, or stop it.",
    },
    "former_embedder_unavailable": {
        "pt": "O acervo ainda responde com os vetores de {stored!r}, e esse modelo não pode mais ser usado. Torne-o acessível de novo, ou termine a troca para {wanted!r}: o servidor a faz em segundo plano, e `python -m database seed` também; até lá, nada pode ser perguntado.",
        "es": "El acervo todavía responde con los vectores de {stored!r}, y ese modelo ya no se puede usar. Haga que vuelva a estar accesible, o termine el cambio a {wanted!r}: el servidor lo hace en segundo plano, y `python -m database seed` también; hasta entonces no se puede preguntar nada.",
        "en": "The collection still answers with the vectors of {stored!r}, and that model can't be had any more. Make it available again, or finish the change to {wanted!r}: the server does so in the background, and so does `python -m database seed`; until then nothing can be asked.",
    },
    "changed_over_meanwhile": {
        "pt": "O acervo trocou de modelo de embeddings enquanto era lido. Repita o comando.",
        "es": "El acervo cambió de modelo de embeddings mientras se leía. Repita el comando.",
        "en": "The collection changed over to another embedding model while it was read. Repeat the command.",
    },
    "other_dimensions": {
        "pt": "O acervo tem vetores de {stored} números, e estes têm {wanted}. Use o modelo com que o acervo foi criado, ou comece de novo: `python -m database remove --all`.",
        "es": "El acervo tiene vectores de {stored} números, y estos tienen {wanted}. Use el modelo con el que se creó el acervo, o empiece de nuevo: `python -m database remove --all`.",
        "en": "The collection has vectors of {stored} numbers; these have {wanted}. Use the model that the collection was made with, or start anew: `python -m database remove --all`.",
    },
    "mongodb_unreachable": {
        "pt": "O MongoDB não responde. Verifique se está em execução e se MONGODB_URI está certo.",
        "es": "MongoDB no responde. Compruebe que está en marcha y que MONGODB_URI es correcto.",
        "en": "MongoDB doesn't answer. Check that it runs and that MONGODB_URI is right.",
    },
    "mongodb_needs_direct": {
        "pt": "O MongoDB responde, mas anuncia um endereço que não pode ser alcançado daqui ({host}), como faz o contêiner local do Atlas. Acrescente directConnection=true a MONGODB_URI.",
        "es": "MongoDB responde, pero anuncia una dirección que no se alcanza desde aquí ({host}), como hace el contenedor local de Atlas. Añada directConnection=true a MONGODB_URI.",
        "en": "MongoDB answers, but announces an address that can't be reached from here ({host}), as the local Atlas container does. Add directConnection=true to MONGODB_URI.",
    },
    "mongodb_refused": {
        "pt": "O MongoDB recusou o usuário ou a senha de MONGODB_URI, ou esse usuário não tem permissão de leitura e escrita em {database}.",
        "es": "MongoDB rechazó el usuario o la contraseña de MONGODB_URI, o ese usuario no tiene permiso de lectura y escritura en {database}.",
        "en": "MongoDB refused the user or the password of MONGODB_URI, or that user may not read and write {database}.",
    },
    "mongodb_failed": {
        "pt": "O MongoDB respondeu com um erro. O registro tem os detalhes.",
        "es": "MongoDB respondió con un error. El registro tiene los detalles.",
        "en": "MongoDB answered with an error. The log has the details.",
    },
    "mongodb_without_search": {
        "pt": "Este MongoDB não tem busca. É preciso o Atlas, o contêiner mongodb-atlas-local, ou o Community com mongot.",
        "es": "Este MongoDB no tiene búsqueda. Hace falta Atlas, el contenedor mongodb-atlas-local, o Community con mongot.",
        "en": "This MongoDB has no search. It takes Atlas, the container mongodb-atlas-local, or Community with mongot.",
    },
    "index_missing": {
        "pt": "Falta o índice de busca {name}. `python -m database seed` o cria de novo; existem: {others}.",
        "es": "Falta el índice de búsqueda {name}. `python -m database seed` lo crea de nuevo; existen: {others}.",
        "en": "The search index {name} is missing. `python -m database seed` makes it anew; there are: {others}.",
    },
    "index_differs": {
        "pt": "O índice de busca {name} não tem a definição que este programa usa. `python -m database seed` o atualiza.",
        "es": "El índice de búsqueda {name} no tiene la definición que usa este programa. `python -m database seed` lo actualiza.",
        "en": "The search index {name} doesn't have the definition that this program uses. `python -m database seed` updates it.",
    },
    "index_building": {
        "pt": "O índice de busca {name} ainda está sendo construído ({status}). Espere; conforme o tamanho do acervo, leva de segundos a minutos.",
        "es": "El índice de búsqueda {name} todavía se está construyendo ({status}). Espere; según el tamaño del acervo, tarda de segundos a minutos.",
        "en": "The search index {name} is still being built ({status}). Wait; by the size of the collection it takes seconds to minutes.",
    },
    "index_failed": {
        "pt": "O MongoDB não conseguiu construir o índice de busca {name} ({status}). Apague-o e rode `python -m database seed`; o registro do mongot diz a causa.",
        "es": "MongoDB no pudo construir el índice de búsqueda {name} ({status}). Bórrelo y ejecute `python -m database seed`; el registro de mongot dice la causa.",
        "en": "MongoDB could not build the search index {name} ({status}). Drop it and run `python -m database seed`; mongot's log says why.",
    },
    "index_behind": {
        "pt": "A busca do MongoDB não acompanhou a carga: depois de {seconds} s, o índice {name} tem {found} de {expected} trechos. Verifique se o mongot está em execução e repita o comando.",
        "es": "La búsqueda de MongoDB no siguió la carga: tras {seconds} s, el índice {name} tiene {found} de {expected} fragmentos. Compruebe que mongot está en marcha y repita la orden.",
        "en": "MongoDB's search didn't keep up: after {seconds} s the index {name} has {found} of {expected} passages. Check that mongot runs, and repeat the command.",
    },
    "vectors_of_other_length": {
        "pt": "Há vetores de {found} números, e o índice é de {wanted}. Eles não podem ser encontrados; carregue os documentos de novo: `python -m database remove --all`, depois `seed`.",
        "es": "Hay vectores de {found} números, y el índice es de {wanted}. No se pueden encontrar; cargue los documentos de nuevo: `python -m database remove --all`, después `seed`.",
        "en": "There are vectors of {found} numbers, and the index is for {wanted}. They can't be found; load the documents anew: `python -m database remove --all`, then `seed`.",
    },
    "vectors_of_other_type": {
        "pt": "Há vetores guardados como {found}, e não como float32. O MongoDB não os encontra e não diz nada; carregue os documentos de novo: `python -m database remove --all`, depois `seed`.",
        "es": "Hay vectores guardados como {found}, y no como float32. MongoDB no los encuentra y no dice nada; cargue los documentos de nuevo: `python -m database remove --all`, después `seed`.",
        "en": "There are vectors stored as {found}, not as float32. MongoDB doesn't find them and says nothing; load the documents anew: `python -m database remove --all`, then `seed`.",
    },
    "vectors_not_found": {
        "pt": "Os trechos estão guardados, mas o índice {name} não os encontra. Verifique se o mongot está em execução; se estiver, apague o índice e rode `python -m database seed`.",
        "es": "Los fragmentos están guardados, pero el índice {name} no los encuentra. Compruebe que mongot está en marcha; si lo está, borre el índice y ejecute `python -m database seed`.",
        "en": "The passages are stored, but the index {name} doesn't find them. Check that mongot runs; if it does, drop the index and run `python -m database seed`.",
    },
    "not_erased": {
        "pt": "{left} trechos de uma versão apagada continuam guardados. Repita o comando.",
        "es": "{left} fragmentos de una versión borrada siguen guardados. Repita la orden.",
        "en": "{left} passages of an erased version are still stored. Repeat the command.",
    },
    "file_unwritable": {
        "pt": "O arquivo não pode ser escrito. Verifique a pasta, as permissões e o espaço livre; nada foi mudado.",
        "es": "El archivo no se puede escribir. Compruebe la carpeta, los permisos y el espacio libre; nada ha cambiado.",
        "en": "The file can't be written. Check the folder, the permissions and the free space; nothing was changed.",
    },
    "file_being_written": {
        "pt": "Outro processo está escrevendo este arquivo. Espere que termine, ou escolha outro nome.",
        "es": "Otro proceso está escribiendo este archivo. Espere a que termine, o elija otro nombre.",
        "en": "Another process is writing this file. Wait until it has finished, or choose another name.",
    },
    "file_unreadable": {
        "pt": "O arquivo não pode ser lido. Verifique o nome e as permissões.",
        "es": "El archivo no se puede leer. Compruebe el nombre y los permisos.",
        "en": "The file can't be read. Check its name and the permissions.",
    },
    "file_not_ours": {
        "pt": "O arquivo não foi escrito por `python -m database export`.",
        "es": "El archivo no fue escrito por `python -m database export`.",
        "en": "The file wasn't written by `python -m database export`.",
    },
    "file_newer": {
        "pt": "O arquivo foi escrito por uma versão mais nova ({made_by}). Atualize este programa e repita o comando.",
        "es": "El archivo fue escrito por una versión más nueva ({made_by}). Actualice este programa y repita la orden.",
        "en": "The file was written by a newer version ({made_by}). Update this program and repeat the command.",
    },
    "file_older": {
        "pt": "O arquivo foi escrito por uma versão anterior ({made_by}), de um modo que esta não lê mais. Carregue os documentos de novo.",
        "es": "El archivo fue escrito por una versión anterior ({made_by}), de un modo que esta ya no lee. Cargue los documentos de nuevo.",
        "en": "The file was written by an earlier version ({made_by}), in a way that this one doesn't read any more. Load the documents anew.",
    },
    "file_damaged": {
        "pt": "O arquivo está cortado ou danificado. Copie-o ou exporte-o de novo e repita o comando; o que já foi trazido continua disponível.",
        "es": "El archivo está cortado o dañado. Cópielo o expórtelo de nuevo y repita la orden; lo ya traído sigue disponible.",
        "en": "The file is cut or damaged. Copy it or export it anew, and repeat the command; what was brought in stays.",
    },
    "file_of_other_embedder": {
        "pt": "Os documentos do arquivo foram preparados com o modelo {stored!r}, e EMBEDDING_MODEL é {wanted!r}. Defina EMBEDDING_MODEL={stored} e importe para um acervo vazio ou desse modelo.",
        "es": "Los documentos del archivo se prepararon con el modelo {stored!r}, y EMBEDDING_MODEL es {wanted!r}. Defina EMBEDDING_MODEL={stored} e importe a un acervo vacío o de ese modelo.",
        "en": "The file's documents were embedded by {stored!r}, and EMBEDDING_MODEL is {wanted!r}. Set EMBEDDING_MODEL={stored}, and import into an empty collection or one of that model.",
    },
    "replaced_too_often": {
        "pt": "{name} é substituído sem parar por outro processo. Espere que a carga termine e repita o comando.",
        "es": "{name} es sustituido sin parar por otro proceso. Espere a que termine la carga y repita la orden.",
        "en": "{name} is being replaced again and again by another process. Wait until the loading has finished, and repeat the command.",
    },
    "ray_missing": {
        "pt": "Falta o Ray, de que --engine ray precisa. Instale-o em cada máquina: `pip install '.[ray]'`.",
        "es": "Falta Ray, que --engine ray necesita. Instálelo en cada máquina: `pip install '.[ray]'`.",
        "en": "Ray is missing, which --engine ray needs. Install it on every machine: `pip install '.[ray]'`.",
    },
    "cluster_unreachable": {
        "pt": "O cluster Ray não responde. Inicie-o (`ray start --head` numa máquina, `ray start --address=…` nas outras), com as mesmas versões de Python e Ray e o mesmo token em todas, e passe o endereço da primeira: --address MÁQUINA:6379.",
        "es": "El clúster Ray no responde. Inícielo (`ray start --head` en una máquina, `ray start --address=…` en las demás), con las mismas versiones de Python y Ray y el mismo token en todas, e indique la dirección de la primera: --address MÁQUINA:6379.",
        "en": "The Ray cluster doesn't answer. Start it (`ray start --head` on one machine, `ray start --address=…` on the others), with the same versions of Python and Ray and the same token on all, and name the first one's address: --address MACHINE:6379.",
    },
    "cluster_full": {
        "pt": "Nenhuma máquina do cluster Ray tem um núcleo livre. Espere que outros trabalhos terminem (`ray status` mostra quanto está em uso), ou acrescente uma máquina; repita o comando para continuar.",
        "es": "Ninguna máquina del clúster Ray tiene un núcleo libre. Espere a que terminen otros trabajos (`ray status` muestra cuánto está en uso), o agregue una máquina; repita el comando para continuar.",
        "en": "No machine of the Ray cluster has a core free. Wait until other work is done (`ray status` shows what is in use), or add a machine; run the command again to go on.",
    },
    "machine_differs": {
        "pt": "A máquina {machine} converteria de outro modo: o Acervo, suas bibliotecas ou o Tesseract faltam lá ou são de outra versão. Instale o mesmo que aqui, reinicie o Ray nela e repita o comando.",
        "es": "La máquina {machine} convertiría de otro modo: Acervo, sus bibliotecas o Tesseract faltan allí o son de otra versión. Instale lo mismo que aquí, reinicie Ray en ella y repita el comando.",
        "en": "The machine {machine} would convert in another way: Acervo, its libraries or Tesseract are missing there, or of another version. Install the same as here, start its Ray anew, and run the command again.",
    },
    "machine_cannot_write": {
        "pt": "A máquina {machine} não consegue guardar um documento em sua pasta temporária. Verifique se há espaço no disco dela; repita o comando para continuar.",
        "es": "La máquina {machine} no puede guardar un documento en su carpeta temporal. Compruebe que haya espacio en su disco; repita el comando para continuar.",
        "en": "The machine {machine} can't keep a document in its temporary folder. Check that its disk has space; run the command again to go on.",
    },
    "report_replaces": {
        "pt": "{name} existe e não é um relatório do Acervo; ele fica como está. Escolha outro nome.",
        "es": "{name} existe y no es un informe de Acervo; queda como está. Elija otro nombre.",
        "en": "{name} exists and isn't a report of Acervo; it stays as it is. Choose another name.",
    },
    "embedder_unloadable": {
        "pt": "O modelo de embeddings que EMBEDDING_MODEL diz não pode ser carregado. Ele aceita `bundled`, o nome ou a pasta de um modelo sentence-transformers, `ollama:NOME` ou `gemini:NOME`.",
        "es": "El modelo de embeddings que indica EMBEDDING_MODEL no se puede cargar. Acepta `bundled`, el nombre o la carpeta de un modelo sentence-transformers, `ollama:NOMBRE` o `gemini:NOMBRE`.",
        "en": "The embedding model that EMBEDDING_MODEL names can't be loaded. It takes `bundled`, the name or folder of a sentence-transformers model, `ollama:NAME` or `gemini:NAME`.",
    },
    "embedder_died": {
        "pt": "O processo que calcula os embeddings morreu. Há memória suficiente? O modelo usa cerca de 1 GiB.",
        "es": "El proceso que calcula los embeddings murió. ¿Hay memoria suficiente? El modelo usa alrededor de 1 GiB.",
        "en": "The process that embeds has died. Is there memory enough? The model takes about 1 GiB.",
    },
    "ollama_away": {
        "pt": "O Ollama, que calcula os embeddings com {model}, não responde. Inicie-o (`ollama serve`) e verifique OLLAMA_HOST.",
        "es": "Ollama, que calcula los embeddings con {model}, no responde. Inícielo (`ollama serve`) y compruebe OLLAMA_HOST.",
        "en": "Ollama, which embeds with {model}, doesn't answer. Start it (`ollama serve`), and check OLLAMA_HOST.",
    },
    "ollama_model_missing": {
        "pt": "O Ollama não tem o modelo {model}. Baixe-o: `ollama pull {model}`.",
        "es": "Ollama no tiene el modelo {model}. Descárguelo: `ollama pull {model}`.",
        "en": "Ollama doesn't have the model {model}. Fetch it: `ollama pull {model}`.",
    },
    "ollama_failed": {
        "pt": "O Ollama não conseguiu calcular embeddings com {model}. Verifique com `ollama show {model}` se é um modelo de embeddings; o registro tem os detalhes.",
        "es": "Ollama no pudo calcular embeddings con {model}. Compruebe con `ollama show {model}` que es un modelo de embeddings; el registro tiene los detalles.",
        "en": "Ollama couldn't embed with {model}. Check with `ollama show {model}` that it is an embedding model; the log has the details.",
    },
    "gemini_key_missing": {
        "pt": "EMBEDDING_MODEL pede o modelo {model} do Gemini, e GOOGLE_API_KEY não está definida. Crie uma chave em https://aistudio.google.com/apikey e defina GOOGLE_API_KEY.",
        "es": "EMBEDDING_MODEL pide el modelo {model} de Gemini, y GOOGLE_API_KEY no está definida. Cree una clave en https://aistudio.google.com/apikey y defina GOOGLE_API_KEY.",
        "en": "EMBEDDING_MODEL asks for Gemini's model {model}, and GOOGLE_API_KEY isn't set. Make a key at https://aistudio.google.com/apikey and set GOOGLE_API_KEY.",
    },
    "gemini_away": {
        "pt": "O Gemini, que calcula os embeddings com {model}, não responde. Verifique a conexão com a internet.",
        "es": "Gemini, que calcula los embeddings con {model}, no responde. Compruebe la conexión a internet.",
        "en": "Gemini, which embeds with {model}, doesn't answer. Check the connection to the internet.",
    },
    "gemini_refused": {
        "pt": "O Gemini recusou o pedido de embeddings com {model}. Verifique GOOGLE_API_KEY e o nome do modelo em EMBEDDING_MODEL; o registro tem os detalhes.",
        "es": "Gemini rechazó la petición de embeddings con {model}. Compruebe GOOGLE_API_KEY y el nombre del modelo en EMBEDDING_MODEL; el registro tiene los detalles.",
        "en": "Gemini refused to embed with {model}. Check GOOGLE_API_KEY and the model's name in EMBEDDING_MODEL; the log has the details.",
    },
    "gemini_limit": {
        "pt": "O limite de pedidos da chave do Gemini foi atingido ({model}). Espere e repita; o que já foi calculado está guardado.",
        "es": "Se alcanzó el límite de peticiones de la clave de Gemini ({model}). Espere y repita; lo ya calculado está guardado.",
        "en": "The Gemini key has reached its limit of requests ({model}). Wait, and try again; what was embedded already is kept.",
    },
    "reranker_unloadable": {
        "pt": "O modelo que RERANKER_MODEL diz não pode ser carregado. Ele aceita o nome ou a pasta de um CrossEncoder da sentence-transformers que dá uma só nota; sem valor, nada é reordenado.",
        "es": "El modelo que indica RERANKER_MODEL no se puede cargar. Acepta el nombre o la carpeta de un CrossEncoder de sentence-transformers que da una sola nota; sin valor, nada se reordena.",
        "en": "The model that RERANKER_MODEL names can't be loaded. It takes the name or folder of a sentence-transformers CrossEncoder that gives one score; unset, nothing is reranked.",
    },
}


def sentence(problem: Problem, language: Language, values: dict[str, object]) -> str:
    return SENTENCES[problem][language].format(**values)
