"""Questions and the sentences that answer them, the same in each language that questions are asked in.

They share few words, so that only their meaning tells which belong together; no collection that retrieval is
measured on holds them.
"""

from __future__ import annotations

PAIRS: dict[str, tuple[tuple[str, str], ...]] = {
    "pt": (
        (
            "Por quanto tempo vale o cartão da biblioteca?",
            "A carteirinha da biblioteca tem validade de dois anos e pode ser renovada pela internet.",
        ),
        (
            "Quem assina o contrato de aluguel?",
            "O instrumento de locação deve ser assinado pelo proprietário e pelo inquilino.",
        ),
        (
            "A que temperatura se assa o pão?",
            "Leve a massa ao forno a 220 graus durante meia hora.",
        ),
        (
            "O que causa as marés?",
            "A atração da Lua faz o nível do mar subir e descer duas vezes ao dia.",
        ),
        (
            "Quanto custa consertar o telhado?",
            "A troca das telhas foi orçada em 4.300 euros, com os andaimes incluídos.",
        ),
        (
            "De qual vacina os viajantes precisam?",
            "Quem vai a regiões tropicais deve ser imunizado contra a febre amarela.",
        ),
        (
            "Quando a fábrica fechou?",
            "A usina parou de produzir no inverno de 1987.",
        ),
        (
            "Onde posso estacionar perto da estação?",
            "Há 200 vagas para carros atrás do prédio da ferrovia.",
        ),
        (
            "Como se troca a bateria do telefone?",
            "Retire a tampa traseira, levante a célula antiga e coloque a nova.",
        ),
        (
            "Por que o voo atrasou?",
            "A neblina sobre o aeroporto manteve o avião no chão por três horas.",
        ),
        (
            "De que vivem as abelhas?",
            "As operárias colhem néctar e pólen das flores para alimentar a colmeia.",
        ),
        (
            "Quantas pessoas cabem no salão?",
            "O auditório tem lugar para 650 espectadores.",
        ),
        (
            "Qual é a multa por atraso na entrega?",
            "Cada dia de demora é cobrado com 0,5 % do valor do pedido.",
        ),
        (
            "Quem pintou o teto da capela?",
            "Os afrescos do alto são obra de um artista de Florença.",
        ),
        (
            "Como redefino a minha senha?",
            "Clique no endereço enviado ao seu e-mail e escolha uma nova palavra secreta.",
        ),
        (
            "O que um corredor deve comer antes da prova?",
            "Atletas se dão bem com arroz ou massa na noite anterior à competição.",
        ),
    ),
    "es": (
        (
            "¿Cuánto tiempo vale el carné de la biblioteca?",
            "La tarjeta de la biblioteca tiene una validez de dos años y se puede renovar por internet.",
        ),
        (
            "¿Quién firma el contrato de alquiler?",
            "El documento de arrendamiento debe ser firmado por el propietario y el inquilino.",
        ),
        (
            "¿A qué temperatura se hornea el pan?",
            "Ponga la masa en el horno a 220 grados durante media hora.",
        ),
        (
            "¿Qué causa las mareas?",
            "La atracción de la Luna hace subir y bajar el nivel del mar dos veces al día.",
        ),
        (
            "¿Cuánto cuesta reparar el tejado?",
            "El cambio de las tejas se presupuestó en 4.300 euros, con los andamios incluidos.",
        ),
        (
            "¿Qué vacuna necesitan los viajeros?",
            "Quien va a regiones tropicales debe inmunizarse contra la fiebre amarilla.",
        ),
        (
            "¿Cuándo cerró la fábrica?",
            "La planta dejó de producir en el invierno de 1987.",
        ),
        (
            "¿Dónde puedo aparcar cerca de la estación?",
            "Hay 200 plazas para coches detrás del edificio del ferrocarril.",
        ),
        (
            "¿Cómo se cambia la batería del teléfono?",
            "Quite la tapa trasera, levante la celda vieja y coloque la nueva.",
        ),
        (
            "¿Por qué se retrasó el vuelo?",
            "La niebla sobre el aeropuerto mantuvo el avión en tierra durante tres horas.",
        ),
        (
            "¿De qué viven las abejas?",
            "Las obreras recogen néctar y polen de las flores para alimentar la colmena.",
        ),
        (
            "¿Cuántas personas caben en la sala?",
            "El auditorio tiene sitio para 650 espectadores.",
        ),
        (
            "¿Cuál es la multa por retraso en la entrega?",
            "Cada día de demora se cobra con el 0,5 % del valor del pedido.",
        ),
        (
            "¿Quién pintó el techo de la capilla?",
            "Los frescos de lo alto son obra de un artista de Florencia.",
        ),
        (
            "¿Cómo restablezco mi contraseña?",
            "Pulse en la dirección que se envió a su correo y elija una nueva palabra secreta.",
        ),
        (
            "¿Qué debe comer un corredor antes de la carrera?",
            "A los atletas les sienta bien el arroz o la pasta la noche antes de la competición.",
        ),
    ),
    "en": (
        (
            "How long does a library card stay valid?",
            "The library card is valid for two years and can be renewed online.",
        ),
        (
            "Who signs the rental contract?",
            "The tenancy agreement must be signed by the landlord and the tenant.",
        ),
        (
            "At what temperature does bread bake?",
            "Put the dough in the oven at 220 degrees for half an hour.",
        ),
        (
            "What causes the tides?",
            "The pull of the Moon makes the sea level rise and fall twice a day.",
        ),
        (
            "How much does it cost to repair the roof?",
            "Fixing the tiles was estimated at 4,300 euros, scaffolding included.",
        ),
        (
            "Which vaccine do travellers need?",
            "Anyone going to tropical regions should be immunised against yellow fever.",
        ),
        (
            "When did the factory close?",
            "The plant stopped production in the winter of 1987.",
        ),
        (
            "Where can I park near the station?",
            "There are 200 places for cars behind the railway building.",
        ),
        (
            "How is the battery of the phone replaced?",
            "Remove the back cover, lift the old cell out and insert the new one.",
        ),
        (
            "Why was the flight late?",
            "Fog over the airport kept the plane on the ground for three hours.",
        ),
        (
            "What do bees live on?",
            "Worker insects gather nectar and pollen from flowers to feed the hive.",
        ),
        (
            "How many people can the hall hold?",
            "The auditorium has room for 650 spectators.",
        ),
        (
            "What is the fine for late delivery?",
            "Each day of delay is charged with 0.5 % of the value of the order.",
        ),
        (
            "Who painted the ceiling of the chapel?",
            "The frescoes overhead are the work of an artist from Florence.",
        ),
        (
            "How do I reset my password?",
            "Click on the link that was sent to your e-mail and choose a new secret word.",
        ),
        (
            "What should a runner eat before a race?",
            "Athletes do well with rice or pasta on the evening before the competition.",
        ),
    ),
}
